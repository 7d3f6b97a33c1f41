"""The lists of what images install agree with the versions that are tested, and are complete."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.running_system import ROOT

LOCK: dict[str, Any] = runpy.run_path(str(ROOT / "requirements" / "lock.py"))
FOLDER: Path = LOCK["FOLDER"]
LOCKS = {lock.name: lock for lock in LOCK["LOCKS"]}
MACHINES = ("x86_64", "aarch64")
every = pytest.mark.parametrize("name", sorted(LOCKS))


def requirement(text: str) -> Requirement:
    return Requirement(text.rstrip("\\").strip())


def pins(name: str) -> list[Requirement]:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [requirement(line) for line in lines if re.match(r"[a-z0-9]", line)]


def version(pin: Requirement) -> str:
    """Without the part that tells builds of a version apart."""
    return str(pin.specifier).removeprefix("==").partition("+")[0]


def known_versions() -> dict[str, str]:
    lines = (ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [requirement(line) for line in lines if not line.startswith("#")]
    return {canonicalize_name(pin.name): version(pin) for pin in found}


def names(name: str, machine: str) -> set[str]:
    """What is installed from a list on a machine."""
    environment = {"platform_machine": machine, "sys_platform": "linux"}
    return {
        canonicalize_name(pin.name)
        for pin in pins(name)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def test_every_list_is_made_by_the_program() -> None:
    """And every one that it makes is there."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LOCKS)


@every
def test_versions_are_those_that_are_tested_together(name: str) -> None:
    """`make lock` brings them together again."""
    known = known_versions()
    locked = {canonicalize_name(pin.name): version(pin) for pin in pins(name)}
    differing = {one for one in locked.keys() & known.keys() if locked[one] != known[one]}
    assert differing == set()


@every
def test_every_file_is_known_by_its_hash(name: str) -> None:
    """The installer refuses any other."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(blocks) == len(pins(name))
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


@every
@pytest.mark.parametrize("machine", MACHINES)
def test_it_holds_all_that_our_packages_ask_for(name: str, machine: str) -> None:
    """Nothing was added to a pyproject.toml since, and forgotten here."""
    lock = LOCKS[name]
    asked = [requirement(one) for one in (*LOCK["third_party"](lock.wanted), *lock.more)]
    environment = {"platform_machine": machine, "sys_platform": "linux"}
    wanted = {
        canonicalize_name(one.name)
        for one in asked
        if one.marker is None or one.marker.evaluate(environment)
    }
    assert wanted - set(lock.without) <= names(name, machine)


@every
def test_it_names_no_place(name: str) -> None:
    """Where packages come from is the builder's affair."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^--|@", text, re.MULTILINE)


def test_what_serves_holds_nothing_that_trains() -> None:
    """The archive and the store are made in a stage that stays behind."""
    serving = names("torch-serving", "x86_64") | names("torch-cpu", "x86_64")
    assert not serving & {"keras", "tensorflow", "tensorflow-cpu", "torch-model-archiver"}
    assert not names("tf-serving", "x86_64") & {"keras", "torch", "safetensors"}


@pytest.mark.parametrize("name", ["gateway", "face-detector"])
def test_small_images_hold_no_framework(name: str) -> None:
    """Nor a tool of the builders."""
    assert not names(name, "x86_64") & {"torch", "tensorflow-cpu", "keras", "pip", "hatchling"}


def test_there_is_one_tensorflow_for_each_machine() -> None:
    """The API's package asks for another one, which would be installed over the first."""
    for name in ("tf-serving", "tf-export"):
        assert names(name, "x86_64") & {"tensorflow", "tensorflow-cpu"} == {"tensorflow-cpu"}
        assert names(name, "aarch64") & {"tensorflow", "tensorflow-cpu"} == {"tensorflow"}


def test_pytorch_for_processors_brings_no_cuda() -> None:
    """Gigabytes of it."""
    (torch,) = [pin for pin in pins("torch-cpu") if pin.name == "torch"]
    assert str(torch.specifier).endswith("+cpu")
    assert not [one for one in names("torch-cpu", "x86_64") if one.startswith(("nvidia", "cuda"))]
    assert [one for one in names("torch-gpu", "x86_64") if one.startswith("nvidia")]
