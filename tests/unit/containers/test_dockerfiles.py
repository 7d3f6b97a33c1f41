"""What holds for every image, read from its Dockerfile; `make compose-test` looks at containers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_system import ROOT
from tests.unit.containers.dockerfiles import (
    ALL,
    defaults,
    final_stage,
    instructions,
    last,
    name_of,
)

every = pytest.mark.parametrize("path", ALL, ids=name_of)

LABELS = {"title", "description", "version", "revision", "licenses"}
VERSION = re.compile(r"[\w./-]+:[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?")
# Jobs that run to their end, and what only ever runs beside something that is looked after.
UNASKED = {"training/Dockerfile", "loadtests/Dockerfile"}


def test_there_are_dockerfiles() -> None:
    """One for each image that the README lists."""
    assert len(ALL) >= 6


@every
def test_hadolint_finds_nothing(path: Path) -> None:
    """At warnings and above; .hadolint.yaml explains what is left out."""
    hadolint = Path(sys.prefix) / "bin" / "hadolint"
    done = subprocess.run(
        [hadolint, "--no-color", "--config", ROOT / ".hadolint.yaml", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@every
def test_it_runs_as_a_user_without_rights(path: Path) -> None:
    """A number, so that Kubernetes can tell that it is not root."""
    assert last(path, "USER").text == "10001:10001"


@every
def test_it_says_what_it_is(path: Path) -> None:
    """By the labels that registries and scanners read."""
    text = last(path, "LABEL").text
    found = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", text))
    assert found >= LABELS


@every
def test_signals_reach_the_process(path: Path) -> None:
    """The exec form has no shell in between, which would keep them to itself."""
    assert last(path, "ENTRYPOINT").words
    for one in final_stage(path):
        if one.name in {"ENTRYPOINT", "CMD"}:
            assert one.words


@every
def test_its_health_is_asked_without_a_shell(path: Path) -> None:
    """Or it is a job, and says that nobody asks."""
    text = last(path, "HEALTHCHECK").text
    if name_of(path) in UNASKED:
        assert text == "NONE"
        return
    _, _, command = text.partition(" CMD ")
    assert command.startswith('["'), text
    assert "curl" not in command


@every
def test_its_bases_are_named_with_a_version(path: Path) -> None:
    """And can be replaced by a digest, by a build argument."""
    stages = {one.text.split()[-1] for one in instructions(path) if " AS " in one.text}
    for one in instructions(path):
        if one.name == "FROM" and (base := one.text.split()[0]) not in {*stages, "scratch"}:
            assert base.startswith("${"), f"{base} is no build argument"
            assert VERSION.fullmatch(defaults(path)[base.strip("${}")]), base


@every
@pytest.mark.parametrize("forbidden", ["latest", "syntax=", "<<", "sudo", "ADD "])
def test_it_is_plain(path: Path, forbidden: str) -> None:
    """No tag that moves, no feature that older builders lack, nothing fetched unseen."""
    assert forbidden not in path.read_text(encoding="utf-8")


@every
def test_what_it_installs_is_locked(path: Path) -> None:
    """By hash, and without what the packages themselves ask for."""
    for one in instructions(path):
        for command in re.split(r"&&|;", one.text):
            if one.name == "RUN" and " pip " in command and " install" in command:
                hashed = "--require-hashes" in command and "requirements/images/" in command
                assert hashed or "--no-index /wheels/*.whl" in command, command
                assert "--no-deps" in command, command


@every
def test_lists_of_debian_packages_do_not_stay(path: Path) -> None:
    """They are of no use in a layer."""
    for one in instructions(path):
        if one.name == "RUN" and "apt-get install" in one.text:
            assert "--no-install-recommends" in one.text
            assert "rm -rf /var/lib/apt/lists/*" in one.text


@every
def test_builders_tools_stay_behind(path: Path) -> None:
    """The image itself is copied together; nothing is installed in it."""
    assert "RUN" not in {one.name for one in final_stage(path)}


@every
def test_what_it_copies_is_in_the_build_context(path: Path) -> None:
    """.dockerignore lets in what is listed there and nothing else."""
    for one in instructions(path):
        if one.name == "COPY" and "--from" not in one.text:
            for source in one.text.split()[:-1]:
                if source == "build/handed-in*":  # it may be missing
                    continue
                for device in ("cpu", "gpu"):
                    assert (ROOT / source.replace("${DEVICE}", device)).exists(), source
                allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
                assert any(source.startswith(line.removeprefix("!")) for line in allowed if line)
