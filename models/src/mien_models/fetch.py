"""`python -m mien_models.fetch`: bring a release of models to a server, and check every byte.

It runs before the server does, as an init container. What is there already, and right, is not
fetched again. `python -m mien_models.release` makes a release and tells its SHA-256.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from mien_models.checksums import NAME, ChecksumError, file_sha256, parse
from mien_models.download import Downloader, DownloadError

AUTHORIZATION = "MIEN_MODELS_AUTHORIZATION"


def fetch(
    downloader: Downloader,
    sha256: str,
    into: Path,
    only: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> int:
    """Fetch the files below the folders `only`, or all; returns how many came.

    Raises DownloadError, or ChecksumError where the store holds another release.
    """
    listing = downloader.text(NAME)
    found = hashlib.sha256(listing.encode()).hexdigest()
    if found != sha256:
        message = (
            f"{downloader.base}: its {NAME} has SHA-256 {found}, and {sha256} was asked for: "
            "another release lies there"
        )
        raise ChecksumError(message)
    files = {name: digest for name, digest in parse(listing).items() if _wanted(name, only)}
    if not files:
        message = f"{NAME} lists nothing below {', '.join(only)}"
        raise ChecksumError(message)
    came = 0
    for number, (name, digest) in enumerate(files.items(), 1):
        to = into / name
        if to.is_file() and file_sha256(to) == digest:
            say(f"{number}/{len(files)} {name}: here already")
            continue
        downloader.file(name, digest, to)
        say(f"{number}/{len(files)} {name}: {to.stat().st_size:,} bytes")
        came += 1
    return came


def _wanted(name: str, only: Sequence[str]) -> bool:
    return not only or any(name == one or name.startswith(f"{one.rstrip('/')}/") for one in only)


def main(arguments: list[str] | None = None) -> int:
    """Return 0, or 1 where the release cannot be had whole."""
    given = _parser().parse_args(arguments)
    with requests.Session() as session:
        if token := os.environ.get(AUTHORIZATION):
            session.headers["Authorization"] = token
        downloader = Downloader(session=session, base=given.base)
        try:
            came = fetch(downloader, given.sha256, given.into, given.only)
        except (DownloadError, ChecksumError, OSError) as error:
            sys.stderr.write(f"mien-models: {error}\n")
            return 1
    sys.stdout.write(f"{given.into}: the release is whole, {came} files came now\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_models.fetch",
        description=__doc__,
        epilog=f"{AUTHORIZATION} is sent as the header Authorization, if it is set.",
    )
    add = parser.add_argument
    add("--from", dest="base", required=True, help="address of the release's folder, https://...")
    add("--sha256", required=True, type=str.lower, help="of its SHA256SUMS; stands for all of it")
    add("--into", type=Path, default=Path("/models"), help="folder to fill (default: /models)")
    add("--only", nargs="+", default=(), help="folders or files of the release; default: all")
    return parser


if __name__ == "__main__":
    sys.exit(main())
