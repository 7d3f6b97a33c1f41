"""The pictures that the arguments name: files, folders, standard input."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

STDIN = "-"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
"""What is taken out of a folder; a file that is named is sent whatever it is called."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture; without a path it came by standard input."""

    name: str
    path: Path | None
    content: bytes = field(default=b"", repr=False)

    def read(self) -> bytes:
        """Return the file's bytes; raises OSError."""
        return self.path.read_bytes() if self.path else self.content

    @property
    def stem(self) -> str:
        """How files made from it begin."""
        return self.path.stem if self.path else "stdin"


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder without pictures, which is a mistake more often than not."""

    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What the arguments name.

    Attributes:
        pictures: in the order of the arguments, those of folders by name.
        left_out: how many files of folders are no pictures by their suffix, per suffix.
    """

    pictures: list[Picture | EmptyFolder]
    left_out: Counter[str]


def named(arguments: Sequence[str]) -> Selection:
    """Return the pictures that the arguments name.

    Folders are searched with their folders; what begins with a dot does not count.

    Raises:
        typer.BadParameter: a name is empty; standard input is named twice, or is a terminal.
    """
    if "" in arguments:
        message = "the name of a file is empty"
        raise typer.BadParameter(message, param_hint="PHOTO")
    if arguments.count(STDIN) > 1:
        message = "standard input (-) can be read only once"
        raise typer.BadParameter(message, param_hint="PHOTO")
    if STDIN in arguments and sys.stdin.isatty():
        message = "standard input (-) is a terminal; pipe a picture in, or name a file"
        raise typer.BadParameter(message, param_hint="PHOTO")
    left_out = Counter[str]()
    pictures = [picture for argument in arguments for picture in _each(argument, left_out)]
    return Selection(pictures, left_out)


def _each(argument: str, left_out: Counter[str]) -> Iterator[Picture | EmptyFolder]:
    path = Path(argument)
    if argument == STDIN:
        # Read here, where Ctrl+C ends it: a thread that waits for a pipe cannot be ended.
        yield Picture("standard input", None, sys.stdin.buffer.read())
    elif path.is_dir():
        files = list(_in_folder(path))
        found = sorted(file for file in files if file.suffix.lower() in SUFFIXES)
        left_out.update(file.suffix.lower() for file in set(files).difference(found))
        yield from (Picture(str(each), each) for each in found)
        if not found:
            yield EmptyFolder(argument)
    else:
        yield Picture(argument, path)


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path
