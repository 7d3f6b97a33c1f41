"""A folder of models serves as well as those in the images."""

import shutil
from pathlib import Path

import httpx
import pytest
import yaml

from tests.compose.docker import Project, docker

pytestmark = pytest.mark.timeout(2400)


@pytest.fixture
def release(project: Project, tmp_path: Path) -> Path:
    """What the images hold, but for one of the models."""
    for service in ("gateway", "torchserve", "tensorflow"):
        docker("cp", f"{project.containers(service)[0]}:/models/.", str(tmp_path))
    registry = tmp_path / "registry.yaml"
    listed = yaml.safe_load(registry.read_text(encoding="utf-8"))
    gone = listed["models"].pop()["name"]
    registry.write_text(yaml.safe_dump(listed, sort_keys=False), encoding="utf-8")
    for path in tmp_path.rglob(f"{gone}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    config = tmp_path / "tensorflow" / "models.image.config"
    blocks = config.read_text(encoding="utf-8").split("  config {")
    kept = "  config {".join(block for block in blocks if gone not in block)
    config.write_text(kept if kept.rstrip().endswith("\n}") else f"{kept}}}\n", encoding="utf-8")
    docker("run", "--rm", "-v", f"{tmp_path}:/m", "--user", "0", "--entrypoint", "chmod",
           "python:3.11-slim-bookworm", "-R", "a+rX", "/m")  # fmt: skip
    return tmp_path


def test_a_mounted_release_replaces_the_models_of_the_images(
    project: Project, release: Path, photo: bytes
) -> None:
    """Every server takes it up, and the gateway lists what it has."""
    project.files = ("docker-compose.yml", "compose.embedded.yml", "compose.models.yml")
    project.environment = {"MIEN_MODELS_DIR": str(release)}
    project.up()
    with httpx.Client(base_url=project.address(project.containers("gateway")[0])) as client:
        names = [model["name"] for model in client.get("/v1/models").json()["models"]]
        answers = [
            client.post("/v1/analyze", params={"model": name}, content=photo, timeout=20)
            for name in names
        ]
    assert names == ["fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow"]
    assert [one.status_code for one in answers] == [200, 200]
