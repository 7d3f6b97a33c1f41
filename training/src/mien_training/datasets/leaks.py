"""Finding what two parts of a data set share: the same pictures, or the same people."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from mien_training.datasets.faces import Faces, Parts
from mien_training.datasets.fingerprints import fingerprint, mirror_fingerprint


@dataclass(frozen=True)
class Leak:
    """What two parts share.

    Attributes:
        first: name of a part.
        second: name of the other.
        pictures: rows of the second whose very pixels are in the first.
        mirrored: further rows of the second that are mirror images of pictures in the first.
        people: numbers of the people who are in both.
    """

    first: str
    second: str
    pictures: tuple[int, ...]
    mirrored: tuple[int, ...]
    people: tuple[int, ...]

    def __str__(self) -> str:
        return (
            f"{self.second} shares {len(self.pictures)} pictures, {len(self.mirrored)} mirrored "
            f"ones and {len(self.people)} people with {self.first}"
        )


def find_leaks(parts: Parts) -> list[Leak]:
    """Return what any two parts share; an empty list where they share nothing.

    Equal means equal pixel by pixel: a picture that was resized or saved anew is not found.
    """
    leaks = (
        _compare(first, second) for first, second in combinations(list(_named_parts(parts)), 2)
    )
    return [leak for leak in leaks if leak.pictures or leak.mirrored or leak.people]


def _named_parts(parts: Parts) -> Iterator[tuple[str, Faces]]:
    yield "training", parts.training
    yield "validation", parts.validation
    if parts.test is not None:
        yield "test", parts.test


def _compare(first: tuple[str, Faces], second: tuple[str, Faces]) -> Leak:
    (first_name, a), (second_name, b) = first, second
    exact = {fingerprint(image) for image in a.images}
    either_way = {mirror_fingerprint(image) for image in a.images}
    same = [row for row, image in enumerate(b.images) if fingerprint(image) in exact]
    turned = [row for row, image in enumerate(b.images) if mirror_fingerprint(image) in either_way]
    people = _people(a) & _people(b)
    return Leak(
        first_name,
        second_name,
        tuple(same),
        tuple(sorted(set(turned) - set(same))),
        tuple(sorted(people)),
    )


def _people(faces: Faces) -> set[int]:
    return set() if faces.people is None else set(faces.people.tolist()) - {-1}
