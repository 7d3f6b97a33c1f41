"""A detector that finds magenta rectangles, and the pictures that hold them."""

import cv2
import numpy as np

from mien_detector.types import Box, Face, Image, Landmarks, Point

MAGENTA = (255, 0, 255)

# Where a detector sees the landmarks of an upright face, in parts of its box.
_LANDMARKS = ((0.27, 0.37), (0.73, 0.37), (0.5, 0.57), (0.31, 0.74), (0.69, 0.74))


def draw_face(image: Image, box: Box) -> None:
    """Paint what the fake takes for a face."""
    left, top = round(box.x), round(box.y)
    image[top : top + round(box.height), left : left + round(box.width)] = MAGENTA


def face_of(box: Box, score: float = 0.9) -> Face:
    """Return an upright face that fills the box."""
    points = [Point(box.x + x * box.width, box.y + y * box.height) for x, y in _LANDMARKS]
    return Face(box, Landmarks(*points), score)


class FakeDetector:
    """Takes every magenta rectangle for an upright face of score 0.9."""

    name = "fake"
    fingerprint = "0" * 64
    engine = "fake 1"

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """See mien_detector.detectors.factory.Detector."""
        distance = np.abs(image.astype(np.int16) - np.array(MAGENTA)).max(axis=2)
        count, _, stats, _ = cv2.connectedComponentsWithStats((distance < 64).astype(np.uint8))
        faces = [face_of(Box(*map(float, stats[index][:4]))) for index in range(1, count)]
        return [face for face in faces if face.score >= minimum_score]
