"""The pictures that are sent: a small set, all made of the repository's one sample photo."""

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "pictures"


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
    return Photo(name, _FACES[name], (_FOLDER / f"{name}.jpg").read_bytes())


_FACES = {"one-face": 1, "ten-faces": 10}
