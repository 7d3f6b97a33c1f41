"""The kinds of requests that are looked at: each goes another part of the way."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import count, repeat

from mien_bench.measuring.pictures import fresh
from mien_loadtests.photos import photo

ONE, TEN = "one-face", "ten-faces"
# What follows a JPEG's end is seen by the hash alone.
_TAIL_BYTES = 8
# No noise is used twice.
_APART = 2_500


class Kind(StrEnum):
    """By how much of the answer is known already."""

    NEW = "new picture, one face"
    NEW_TEN = "new picture, ten faces"
    SAME_FACE = "known face in another file"
    SAME_PICTURE = "known picture"

    @property
    def faces(self) -> int:
        """Return how many there are in each picture."""
        return photo(self.picture).faces

    @property
    def picture(self) -> str:
        """Return which picture it is made of."""
        return TEN if self is Kind.NEW_TEN else ONE


def supply(kind: Kind, place: int) -> Iterator[bytes]:
    """Return an endless supply; `place` tells apart whoever asks for the same kind."""
    new = fresh(kind.picture, _APART * place)
    match kind:
        case Kind.NEW | Kind.NEW_TEN:
            return new
        case Kind.SAME_FACE:
            known = next(new)
            return (known + number.to_bytes(_TAIL_BYTES) for number in count())
        case Kind.SAME_PICTURE:
            known = next(new)
            return repeat(known)
