"""The client in an empty environment: what comes with it, and its README's snippets."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.videos import steady, write_video
from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

# What the servers and the training stand on; whoever only asks wants none of it.
SERVERS = {
    "aiohttp",
    "fastapi",
    "keras",
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "redis",
    "tensorflow",
    "tensorflow-serving-api",
    "torch",
    "torchserve",
    "uvicorn",
}
README = (ROOT / "client" / "README.md").read_text(encoding="utf-8")
SNIPPETS = [
    (language, text)
    for language, text in re.findall(
        r"^```(sh|python)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL
    )
    if not text.startswith("pip install")
]


@dataclass(frozen=True)
class Place:
    """An environment with the client in it, and a folder as a reader of the README has one."""

    bin: Path
    folder: Path
    variables: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment in the folder."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def packages(self) -> set[str]:
        """Return the names of what is installed."""
        done = self.run("python", "-m", "pip", "list", "--format", "json")
        return {package["name"].lower().replace("_", "-") for package in json.loads(done.stdout)}


def made(folder: Path, system: System, photo: bytes, *installed: str) -> Place:
    """Make an environment and install this in it."""
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    binaries = environment / "bin"
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "--quiet", *installed],
        cwd=ROOT,
        check=True,
        timeout=400,
    )
    work = folder / "work"
    work.mkdir()
    (work / "photo.jpg").write_bytes(photo)
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    variables |= {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "MIEN_URL": system.settings.rest_url,
    }
    return Place(binaries, work, variables)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, system: System, photo: bytes) -> Place:
    """The client without any extra."""
    return made(tmp_path_factory.mktemp("base"), system, photo, "./client")


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory, system: System, photo: bytes) -> Place:
    """The client with all extras, and the files that its README speaks of."""
    folder = tmp_path_factory.mktemp("complete")
    place = made(folder, system, photo, "./protos", "./client[grpc,watch]")
    write_video(place.folder / "clip.mp4", steady(2, 10))
    (place.folder / "photos").mkdir()
    for name in ("one.jpg", "two.jpg"):
        shutil.copy(place.folder / "photo.jpg", place.folder / "photos" / name)
    return place


def test_the_client_brings_nothing_of_the_servers(base: Place) -> None:
    """It installs in seconds, on a machine that will never serve a model."""
    packages = base.packages()
    assert "mien-client" in packages
    assert packages & (SERVERS | {"grpcio", "av", "pillow"}) == set()


def test_the_command_works_without_extras(base: Place) -> None:
    """It analyses a picture, and says what live streams of a camera would need."""
    assert (base.bin / "mien").exists()
    done = base.run("mien", "analyze", "--timeout", "30", "photo.jpg")
    assert done.returncode == 0, done.stderr
    assert "happy" in done.stdout
    for command in (
        ("mien", "watch", "photo.jpg", "--consent"),
        ("mien", "status", "--url", "grpc://127.0.0.1:9000"),
    ):
        done = base.run(*command)
        assert done.returncode == 2
        assert "pip install" in done.stderr
        assert "Traceback" not in done.stderr


def test_grpc_brings_nothing_of_the_servers(complete: Place, system: System) -> None:
    """But what it needs."""
    packages = complete.packages()
    assert {"grpcio", "mien-protos", "av", "pillow"} <= packages
    assert packages & SERVERS == set()
    address = f"grpc://127.0.0.1:{system.settings.grpc_port}"
    done = complete.run("mien", "--url", address, "--timeout", "30", "analyze", "photo.jpg")
    assert done.returncode == 0, done.stderr
    assert "happy" in done.stdout


@pytest.mark.parametrize(("language", "text"), SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_of_the_readme_runs(
    complete: Place, system: System, language: str, text: str
) -> None:
    """As it stands, but for the ports, in a folder with a photo and a clip."""
    for port, ours in ((8000, system.settings.rest_port), (9000, system.settings.grpc_port)):
        text = re.sub(rf"(localhost|127\.0\.0\.1):{port}", rf"\1:{ours}", text)
    command = ["python", "-c", text] if language == "python" else ["sh", "-ec", text]
    done = complete.run(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_there_are_snippets() -> None:
    """One for the command and one for Python, at least."""
    assert {language for language, _ in SNIPPETS} == {"sh", "python"}
