"""SHA256SUMS: the list of a release's files, in the format of `sha256sum`.

The digest of the list itself stands for the whole release: who knows it knows every byte.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

NAME = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class ChecksumError(ValueError):
    """A list of files, or a file, is not what was released; the message names it."""


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its name relative to it, in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}


def render(checksums: Mapping[str, str]) -> str:
    """Return the list as text."""
    return "".join(f"{digest}  {name}\n" for name, digest in checksums.items())


def parse(text: str) -> dict[str, str]:
    """Return the list; raises ChecksumError for a line, or a place, that cannot be."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            message = f"{NAME}: not a line of sha256sum: {line!r}"
            raise ChecksumError(message)
        found[_inside(match[2])] = match[1]
    if not found:
        message = f"{NAME} lists no file"
        raise ChecksumError(message)
    return found


def _inside(name: str) -> str:
    """Refuse names that lead out of the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or name == NAME:
        message = f"{NAME}: {name!r} is no place inside a release"
        raise ChecksumError(message)
    return name
