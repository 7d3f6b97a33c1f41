"""What every detector can do."""

from typing import Protocol

from mien_detector.values import Face, Image


class Detector(Protocol):
    """Finds faces; safe for use by several threads at once."""

    @property
    def name(self) -> str:
        """`yunet` or `libfacedetection`."""

    @property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 of the file that holds the weights."""

    @property
    def engine(self) -> str:
        """What computes, with its version."""

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """Return the faces in any order, in pixels of the given upright picture.

        Boxes may reach over the edge. Every score is at least `minimum_score`, 0 to 1.
        """
