"""`python -m mien_models.release`: gather what servers need into one folder to upload.

    registry.yaml  SHA256SUMS  <model>/README.md  torchserve/*.mar  tensorflow/<name>/<version>/

`python -m mien_models.fetch` brings it to a server and checks every byte.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from mien_models.checksums import NAME, checksums_of, render
from mien_models.registry import RegistryError, load_registry

_CARD = "README.md"
# Its paths are those of the machine that built the store.
_LOCAL = "models.config"


class ReleaseError(ValueError):
    """A release cannot be made; the message says what is missing and how to get it."""


def release(registry: Path, store: Path, into: Path) -> str:
    """Write the folder, and return the SHA-256 that stands for all of it.

    Raises ReleaseError where the folder exists or the store is not built, RegistryError
    where the registry cannot be read.
    """
    if into.exists():
        message = f"{into} exists: a release is never written over; name another folder"
        raise ReleaseError(message)
    names = [model.name for model in load_registry(registry).models]
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=into.parent) as folder:
        work = Path(folder) / "release"
        work.mkdir()
        shutil.copy(registry, work)
        for name in names:
            _copy_card(registry.parent / name / _CARD, work / name)
        for server in ("torchserve", "tensorflow"):
            _copy_store(store / server, work / server)
        listing = render(checksums_of(work))
        (work / NAME).write_text(listing, encoding="utf-8")
        work.replace(into)
    return hashlib.sha256(listing.encode()).hexdigest()


def _copy_card(card: Path, to: Path) -> None:
    if card.is_file():
        to.mkdir()
        shutil.copy(card, to)


def _copy_store(store: Path, to: Path) -> None:
    if not store.is_dir():
        message = (
            f"{store} is missing: build the stores, `python -m mien_torch_serving.archive` "
            "and `python -m mien_tf_serving.store`"
        )
        raise ReleaseError(message)
    shutil.copytree(store, to, ignore=shutil.ignore_patterns(_LOCAL, ".*"))


def main(arguments: list[str] | None = None) -> int:
    """Return 0, or 1 where no release could be made."""
    parser = argparse.ArgumentParser(prog="python -m mien_models.release", description=__doc__)
    parser.add_argument("--registry", type=Path, default=Path("models/registry.yaml"))
    parser.add_argument("--store", type=Path, default=Path("build/model-store"))
    parser.add_argument("--into", type=Path, required=True, help="folder to write; must not exist")
    given = parser.parse_args(arguments)
    try:
        digest = release(given.registry, given.store, given.into)
    except (ReleaseError, RegistryError, OSError) as error:
        sys.stderr.write(f"mien-models: {error}\n")
        return 1
    sys.stdout.write(f"{given.into}: upload it, and fetch it with --sha256 {digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
