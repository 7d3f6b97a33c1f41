"""The list of images, and what it knows of each."""

import tomllib

import pytest

from mien_stack.images import IMAGES, VERSION, Image
from tests.running_system import ROOT
from tests.unit.containers.dockerfiles import ALL, name_of


def test_every_dockerfile_is_built() -> None:
    """None is forgotten by `make images`."""
    assert {name_of(path) for path in ALL} <= {image.dockerfile for image in IMAGES}


def test_images_have_the_version_of_what_is_in_them() -> None:
    """So have the defaults of Compose."""
    project = tomllib.loads((ROOT / "services/gateway/pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION
    assert f"MIEN_VERSION={VERSION}\n" in (ROOT / ".env").read_text(encoding="utf-8")
    assert all(VERSION in image.tag for image in IMAGES)


def test_bases_are_those_that_the_arguments_say() -> None:
    """The default, and another one for a GPU."""
    bases = {image.tag: image.bases for image in IMAGES if (ROOT / image.dockerfile).exists()}
    python = "python:3.11-slim-bookworm"
    assert bases[f"mien/gateway:{VERSION}"] == (python,)
    assert bases[f"mien/tf-serving:{VERSION}"] == (python, "tensorflow/serving:2.21.0")
    assert bases[f"mien/tf-serving:{VERSION}-gpu"] == (python, "tensorflow/serving:2.21.0-gpu")


def test_a_base_can_be_pinned_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its digest."""
    pinned = "python:3.11-slim-bookworm@sha256:0123"
    monkeypatch.setenv("PYTHON_IMAGE", pinned)
    image = Image("mien/gateway", "services/gateway/Dockerfile")
    assert image.bases == (pinned,)
    assert f"PYTHON_IMAGE={pinned}" in image.all_arguments


def test_images_for_gpus_are_built_only_when_named() -> None:
    """They are larger than many disks have room for."""
    assert [image.tag for image in IMAGES if image.unasked and "gpu" in image.tag] == []
    assert [image.tag for image in IMAGES if not image.unasked and "gpu" not in image.tag] == []
