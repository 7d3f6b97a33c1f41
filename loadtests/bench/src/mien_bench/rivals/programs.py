"""The baselines' command lines."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from mien_stack.settings import ROOT

TOOLS = ROOT / "build" / "tools" / "baselines"
"""Their virtual environment, on top of .venv: `make build/tools/baselines/.installed`."""
FOLDER = ROOT / "loadtests" / "baselines"
_PACKAGES = ("litserve", "bentoml", "fer", "opencv-contrib-python-headless")


@dataclass(frozen=True, slots=True)
class Files:
    """What the baselines serve."""

    torchscript: Path
    keras_dir: Path
    """The model's folder, with weights and sidecar."""
    yunet_dir: Path


@dataclass(frozen=True, slots=True)
class Program:
    """A command line, what it finds in its environment, and where it says that it is ready."""

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    ready: str = "/health"


def is_installed() -> bool:
    """Whether the baselines' packages are there."""
    return (TOOLS / ".installed").exists()


def baseline(name: str, port: int, files: Files) -> Program:
    """Return the program of that name: a baseline's, with `-mien` behind it for our detection."""
    kind, _, own = name.partition("-")
    detection = own or "library"
    makers = {"thesis": _thesis, "litserve": _litserve, "bentoml": _bentoml, "fer": _fer}
    return makers[kind](name, port, files, detection)


def _python(script: str, port: int) -> tuple[str, ...]:
    return (str(TOOLS / "bin" / "python"), str(FOLDER / script), "--port", str(port))


def _thesis(name: str, port: int, files: Files, detection: str) -> Program:
    argv = (
        *_python("thesis.py", port),
        *("--model-dir", str(files.keras_dir), "--yunet-dir", str(files.yunet_dir)),
        *("--detection", detection),
    )
    return Program(name, argv, {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"})


def _litserve(name: str, port: int, files: Files, detection: str) -> Program:
    argv = (
        *_python("litserve_api.py", port),
        *("--model-file", str(files.torchscript), "--yunet-dir", str(files.yunet_dir)),
        *("--detection", detection),
    )
    return Program(name, argv)


def _bentoml(name: str, port: int, files: Files, detection: str) -> Program:
    argv = (
        *(str(TOOLS / "bin" / "bentoml"), "serve", "bentoml_service:Expressions"),
        *("--working-dir", str(FOLDER), "--host", "127.0.0.1", "--port", str(port)),
    )
    environment = {
        "BASELINE_MODEL_FILE": str(files.torchscript),
        "BASELINE_YUNET_DIR": str(files.yunet_dir),
        "BASELINE_DETECTION": detection,
        "BENTOML_DO_NOT_TRACK": "True",
        # Else it makes a folder in the user's home.
        "BENTOML_HOME": str(files.torchscript.parent / "bentoml"),
    }
    return Program(name, argv, environment, ready="/readyz")


def _fer(name: str, port: int, files: Files, detection: str) -> Program:
    del files, detection  # it has its own
    return Program(name, _python("fer_api.py", port), {"TF_CPP_MIN_LOG_LEVEL": "2"})


def baseline_versions() -> dict[str, str]:
    """Return the versions of what only the baselines use."""
    folder = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = {}
    for package in _PACKAGES:
        name = package.replace("-", "_")
        places = sorted((TOOLS / "lib" / folder / "site-packages").glob(f"{name}-*.dist-info"))
        if places:
            found[package] = places[0].name.removeprefix(f"{name}-").removesuffix(".dist-info")
    return found
