"""Builds the container images: ``python -m mien_stack.images``.

An image whose base cannot be had on this machine is left out, with the reason.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mien_stack.settings import ROOT

VERSION = "0.1.0"
HANDED_IN = ROOT / "build" / "handed-in"
SBOM = ROOT / "build" / "sbom"
FROM_ENVIRONMENT = ("PYTHON_IMAGE", "NPM_CONFIG_REGISTRY", "TORCH_INDEX", "YUNET")
"""Build arguments that the environment may set, such as a base pinned by its digest."""
YUNET = "yunet_n_dynamic.onnx"
_PULL_SECONDS = 600


@dataclass(frozen=True)
class Image:
    """A Dockerfile, and what becomes of it."""

    name: str
    dockerfile: str
    arguments: tuple[str, ...] = ()
    """Build arguments, as NAME=value."""
    unasked: bool = True
    """Whether it is built when no image is named; those for GPUs are too large for that."""

    @property
    def tag(self) -> str:
        """Name and tag."""
        return self.name if ":" in self.name else f"{self.name}:{VERSION}"

    @property
    def all_arguments(self) -> tuple[str, ...]:
        """Those of the environment last, which override."""
        given = {name: os.environ[name] for name in FROM_ENVIRONMENT if os.environ.get(name)}
        return (*self.arguments, *(f"{name}={value}" for name, value in given.items()))

    @property
    def bases(self) -> tuple[str, ...]:
        """Images that it starts from, with the build arguments' values."""
        text = (ROOT / self.dockerfile).read_text(encoding="utf-8")
        values = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, flags=re.MULTILINE))
        values |= dict(one.split("=", 1) for one in self.all_arguments)
        named = re.findall(r"^FROM \$\{(\w+)\}", text, flags=re.MULTILINE)
        return tuple(dict.fromkeys(values[name] for name in named))


_TORCH = "services/torch-serving/Dockerfile"
_SERVING = "services/tf-serving/Dockerfile"
IMAGES = (
    Image("mien/gateway", "services/gateway/Dockerfile"),
    Image("mien/face-detector", "services/face-detector/Dockerfile"),
    Image(f"mien/torch-serving:{VERSION}-cpu", _TORCH, ("DEVICE=cpu",)),
    Image(
        f"mien/torch-serving:{VERSION}-gpu", _TORCH, ("DEVICE=gpu", "BATCH_SIZE=8"), unasked=False
    ),
    Image("mien/tf-serving", _SERVING),
    Image(
        f"mien/tf-serving:{VERSION}-gpu",
        _SERVING,
        ("SERVING_IMAGE=tensorflow/serving:2.21.0-gpu",),
        unasked=False,
    ),
    Image("mien/tf-serving-embedded", "services/tf-serving/embedded.Dockerfile"),
    Image("mien/training", "training/Dockerfile"),
    Image(f"mien/training:{VERSION}-gpu", "training/Dockerfile", ("DEVICE=gpu",), unasked=False),
    Image("mien/loadtests", "loadtests/Dockerfile"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, or list what is in the images; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m mien_stack.images", description=__doc__)
    parser.add_argument("--sbom", action="store_true", help="write build/sbom/*.json instead")
    parser.add_argument("images", nargs="*", help="such as mien/gateway; default: all but GPU's")
    given = parser.parse_args(arguments)
    if unknown := set(given.images) - {image.tag for image in IMAGES} - {i.name for i in IMAGES}:
        parser.error(f"no such image: {', '.join(sorted(unknown))}")
    if (docker := _docker()) is None:
        _say("no Docker daemon answers here: nothing is built")
        return 1
    chosen = [
        image
        for image in IMAGES
        if ({image.tag, image.name} & set(given.images) if given.images else image.unasked)
    ]
    return _list(docker, chosen) if given.sbom else _build_all(docker, chosen)


def hand_in(yunet_folder: str) -> None:
    """Put what this machine has already where builds look before they download.

    PyTorch's build without CUDA from pip's own wheel folders, and YuNet's weights.
    """
    HANDED_IN.mkdir(parents=True, exist_ok=True)
    if not list(HANDED_IN.glob("torch-*.whl")):
        torch = (ROOT / "requirements" / "images" / "torch-cpu.txt").read_text(encoding="utf-8")
        pin = re.search(r"^torch==\S+", torch, flags=re.MULTILINE)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-index"]
        subprocess.run(  # noqa: S603 - our own command line
            [*pip, "--dest", str(HANDED_IN), pin[0] if pin else "torch"],
            check=False,  # then the build fetches it
            stderr=subprocess.DEVNULL,
        )
    yunet = Path(yunet_folder) / YUNET
    if yunet.is_file() and not (HANDED_IN / YUNET).exists():
        shutil.copyfile(yunet, HANDED_IN / YUNET)


def _build_all(docker: str, images: Sequence[Image]) -> int:
    hand_in(os.environ.get("MIEN_DETECTOR_MODEL_DIR", ""))
    built = [_build(docker, image) for image in images]
    return 0 if all(built) else 1


def _build(docker: str, image: Image) -> bool:
    """Whether nothing failed; a base or a Dockerfile that is not there is no failure."""
    if not (ROOT / image.dockerfile).exists():
        _say(f"{image.tag}: left out: there is no {image.dockerfile}")
        return True
    for base in image.bases:
        if reason := _missing(docker, base):
            _say(f"{image.tag}: left out: its base {base} cannot be had: {reason}")
            return True
    options = [word for argument in image.all_arguments for word in ("--build-arg", argument)]
    revision = _revision()
    with tempfile.NamedTemporaryFile("w+", prefix="mien-build-") as log:
        done = subprocess.run(  # noqa: S603 - our own command line
            [
                *(docker, "build", "--file", image.dockerfile, "--tag", image.tag),
                *("--build-arg", f"VERSION={VERSION}", "--build-arg", f"REVISION={revision}"),
                *(*options, "."),
            ],
            cwd=ROOT,
            env=os.environ | {"DOCKER_BUILDKIT": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
        log.seek(0)
        tail = "".join(log.readlines()[-30:])
    if done.returncode != 0:
        _say(f"{image.tag}: failed:\n{tail}")
        return False
    _say(f"{image.tag}: built, {_size(docker, image.tag) / 1e6:.0f} MB")
    return True


def _list(docker: str, images: Sequence[Image]) -> int:
    """Write what each image holds, as CycloneDX."""
    SBOM.mkdir(parents=True, exist_ok=True)
    syft = Path(sys.executable).with_name("syft")
    for image in images:
        if not _size(docker, image.tag):
            _say(f"{image.tag}: left out: it is not built; `make images` builds it")
            continue
        file = SBOM / f"{image.tag.replace('/', '-').replace(':', '-')}.cdx.json"
        subprocess.run(  # noqa: S603 - our own command line
            [str(syft), "scan", "--quiet", f"docker:{image.tag}", "-o", f"cyclonedx-json={file}"],
            check=True,
        )
        _say(f"{image.tag}: {file.relative_to(ROOT)}")
    return 0


def _docker() -> str | None:
    """The first client on PATH that reaches a daemon and knows BuildKit."""
    for folder in os.get_exec_path():
        client = shutil.which("docker", path=folder)
        if client and _runs(client, "info") and _knows_buildkit(client):
            return client
    return None


def _knows_buildkit(client: str) -> bool:
    """Clients since 23 need a plugin for it, which may be missing."""
    version = _output(client, "version", "--format", "{{.Client.Version}}")
    return int(version.split(".")[0] or 0) < 23 or _runs(client, "buildx", "version")  # noqa: PLR2004 - see above


def _missing(docker: str, base: str) -> str:
    """Why a base image cannot be had, or nothing."""
    if _size(docker, base):
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            [docker, "pull", "--quiet", base],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PULL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"not pulled within {_PULL_SECONDS} s"
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def _size(docker: str, image: str) -> int:
    """Bytes, as `docker images` shows them; 0 where there is no such image."""
    return int(_output(docker, "image", "inspect", "--format", "{{.Size}}", image) or 0)


def _revision() -> str:
    git = shutil.which("git")
    return (_output(git, "rev-parse", "HEAD") if git else "") or "unknown"


def _runs(*command: str) -> bool:
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command line
    return done.returncode == 0


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - our own command line
    return done.stdout.strip() if done.returncode == 0 else ""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
