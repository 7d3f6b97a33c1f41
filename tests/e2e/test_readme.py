"""The README's snippets are run as they stand, but for the ports."""

import os
import re
import subprocess
import sys

import pytest

from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GATEWAY = (ROOT / "services" / "gateway" / "README.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and text of every snippet."""
    return re.findall(r"^```(sh|python)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


SNIPPETS = [block for block in blocks(README) if not block[1].startswith("make ")]
# The gateway's others need files of the reader's.
SNIPPETS += [block for block in blocks(GATEWAY) if block[0] == "python"]


def test_the_make_commands_exist() -> None:
    """Every make target that the README names is one."""
    named = set(re.findall(r"\bmake ([a-z0-9-]+)\b", README)) - {"the", "keys"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named
    assert named <= set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))


def test_the_linked_files_exist() -> None:
    """No link of the README leads nowhere."""
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(("language", "text"), SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_runs(system: System, language: str, text: str) -> None:
    """What a new user copies works, and shows an expression."""
    if "docker compose" in text:
        pytest.skip("`make compose-test` runs it")
    if "helm install" in text:
        pytest.skip("it needs a cluster; `make k8s-test` renders the chart")
    text = text.replace("localhost:8000", f"localhost:{system.settings.rest_port}")
    text = text.replace("localhost:9000", f"localhost:{system.settings.grpc_port}")
    command = [sys.executable, "-c", text] if language == "python" else ["sh", "-ec", text]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"MIEN_URL": system.settings.rest_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"angry|disgust|fear|happy|sad|surprise|neutral", done.stdout)


def test_there_are_snippets() -> None:
    """One for curl and one for Python, at least."""
    assert {language for language, _ in SNIPPETS} == {"sh", "python"}
