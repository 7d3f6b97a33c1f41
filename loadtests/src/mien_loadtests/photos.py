"""The pictures that are sent: a small set, all drawn of the repository's one sample photo."""

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "pictures"
FACES = {"one-face": 1, "small-face": 1, "no-face": 0, "ten-faces": 10}
"""What there is, and how many faces each has."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG and what is known of it."""

    name: str
    faces: int
    data: bytes


def photo(name: str) -> Photo:
    """Return the picture of that name.

    Raises:
        KeyError: there is none.
    """
    return Photo(name, FACES[name], (_FOLDER / f"{name}.jpg").read_bytes())
