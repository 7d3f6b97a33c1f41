"""Makes the virtual environment and installs Mien into it. Needs Python and nothing else.

`make up` and `make test` call it first. It is quick when nothing changed.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOG = ROOT / "run" / "install.log"
REQUIREMENTS = ROOT / "requirements"
# The environment takes 3.2 GB, unpacking it about as much again for a while.
FREE_BYTES_NEEDED = 6_000_000_000
HEARTBEAT_SECONDS = 10
PACKAGES = (
    "protos",
    "models",
    "training",
    "stack",
    "client",
    "k8s/capacity",
    "loadtests",
    "loadtests/bench",
)


def main() -> None:
    """Install what is asked for, or say in one sentence why that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install the tools of `make test`")
    wanted = ["local", "dev"] if parser.parse_args().dev else ["local"]
    if sys.version_info[:2] != (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        fail(f"Mien needs Python 3.11, this is {found}: make PYTHON=/path/to/python3.11 ...")
    missing = [name for name in wanted if not is_installed(name)]
    if missing:
        LOG.parent.mkdir(exist_ok=True)
        check_disk()
        make_venv()
        for name in missing:
            install(name)


def is_installed(name: str) -> bool:
    """Whether the last complete installation of this list was of these very files."""
    stamp = VENV / f".installed-{name}"
    return (BIN / "pip").exists() and stamp.exists() and stamp.read_text() == fingerprint(name)


def fingerprint(name: str) -> str:
    """A hash over everything that an installation depends on."""
    sources = [
        *REQUIREMENTS.glob("*.txt"),
        *(ROOT / "protos").rglob("*.proto"),
        ROOT / "protos" / "generate.py",
        *(ROOT / folder / "pyproject.toml" for folder in PACKAGES),
        *(ROOT / "services").glob("*/pyproject.toml"),
    ]
    digest = hashlib.sha256(f"{name} {ROOT}".encode())
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def check_disk() -> None:
    """Refuse to begin what cannot end well."""
    free = shutil.disk_usage(ROOT).free
    if not VENV.exists() and free < FREE_BYTES_NEEDED:
        fail(
            f"{ROOT} has {free / 1e9:.1f} GB free, the installation needs "
            f"{FREE_BYTES_NEEDED / 1e9:.0f} GB: make room, or clone to another disk"
        )


def make_venv() -> None:
    """Create the environment unless it is there."""
    if not (BIN / "pip").exists():
        print(f"Making the virtual environment {VENV}", flush=True)
        run("make the virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(name: str) -> None:
    """Install one list of requirements, and remember that it succeeded."""
    print(f"Installing requirements/{name}.txt (details: run/install.log)", flush=True)
    pip = [str(BIN / "pip"), "install", "--disable-pip-version-check", "--no-input"]
    constraints = ["-c", str(REQUIREMENTS / "constraints.txt")]
    what = f"install requirements/{name}.txt"
    run(what, [*pip, *constraints, "-r", str(REQUIREMENTS / f"{name}.txt")])
    if name == "local":
        run(what, [*pip, "--no-deps", "-r", str(REQUIREMENTS / "no-deps.txt")])
    (VENV / f".installed-{name}").write_text(fingerprint(name))


def run(what: str, command: list[str]) -> None:
    """Run a command into the log, with a sign of life, and end the program if it fails."""
    begin = time.monotonic()
    with LOG.open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own command line
        while True:
            try:
                status = process.wait(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                print(f"  ... {time.monotonic() - begin:.0f} s", flush=True)
    if status != 0:
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
        fail(f"could not {what}; the end of {LOG}:\n{tail}")


def fail(message: str) -> None:
    """Say it and leave."""
    sys.exit(f"mien: {message}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("interrupted; run it again to go on")
    except OSError as error:
        fail(f"{error}")
