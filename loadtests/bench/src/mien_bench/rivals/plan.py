"""What a run measures."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mien_bench.measuring.pictures import fresh
from mien_bench.rivals.points import Point
from mien_bench.rivals.systems import System
from mien_loadtests.photos import photo

PICTURES = ("one-face", "ten-faces")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, how often and for how long."""

    systems: Sequence[System]
    """The first one's answers are what the others' are held against."""
    rounds: int
    seconds: float
    """Of each point, at least."""
    clients: Sequence[int]

    @property
    def points(self) -> list[Point]:
        """The points of each system in each round."""
        pairs = itertools.product(PICTURES, self.clients)
        return [Point(picture, photo(picture).faces, clients) for picture, clients in pairs]

    def order(self, number: int) -> list[System]:
        """Return the systems in the order of that round, from 1.

        Each begins with another one: what drifts within a round favours nobody.
        """
        shift = (number - 1) % len(self.systems)
        return [*self.systems[shift:], *self.systems[:shift]]


class Supply:
    """The pictures of a run: no picture is sent twice, whatever row it is for."""

    def __init__(self) -> None:
        self._fresh = {name: fresh(name, start=1) for name in PICTURES}

    def of(self, system: System, picture: str) -> Iterator[bytes]:
        """Return an endless supply; for what is to come from the cache, of one picture."""
        if system.cache == "hit":
            return itertools.repeat(photo(picture).data)
        return self._fresh[picture]
