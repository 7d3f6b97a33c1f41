"""Measures where a detector sees the faces of FER2013 in their frames.

    python -m mien_detector.calibrate --data ../shared/data --model-dir ../shared/models

Each face is enlarged, laid on grey and shown to the detector; what it saw is given in parts
of the face's own frame. The medians are built in as `frames.MEDIAN_FACE`.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from mien_detector.alignment import MEDIAN_FACE, turn_of
from mien_detector.detectors.factory import Detector, make_detector
from mien_detector.detectors.model_file import ModelSource
from mien_detector.types import Box, DetectorChoice, Face, Image, Landmarks, Point

_SIDE = 48
_FACES_PER_ROW = 64
_GREY = 128
# A detector sees large and small faces a little differently, and a service meets both.
_ENLARGEMENTS: Final = (2, 3, 4, 6)
_MINIMUM_SCORE = 0.7

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Median, and the range that holds 90 of 100."""

    median: float
    low: float
    high: float


def read_faces(data: Path, count: int, seed: int = 0) -> list[Grey]:
    """Return so many faces of the first FER2013 sheet in `data`, uint8 [48, 48] each."""
    path = data / "fer2013-0.png"
    sheet = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if sheet is None:
        message = f"{path} is missing or no picture: give the folder of FER2013 with --data"
        raise SystemExit(message)
    total = sheet.size // _SIDE**2
    chosen = np.random.default_rng(seed).choice(total, min(count, total), replace=False)
    return [_cut_face(np.asarray(sheet, np.uint8), int(index)) for index in chosen]


def lay_on_grey(face: Grey, enlargement: float) -> tuple[Image, Box]:
    """Return a picture with the enlarged face in its middle, and where the face lies."""
    side = round(_SIDE * enlargement)
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    margin = side // 2
    picture = np.full((side + 2 * margin, side + 2 * margin, 3), _GREY, np.uint8)
    picture[margin : margin + side, margin : margin + side] = large[:, :, None]
    return picture, Box(margin, margin, side, side)


def see(detector: Detector, faces: Iterable[Grey]) -> Iterator[Face]:
    """Yield what the detector saw, in parts of the face's frame; unclear cases are left out."""
    for face in faces:
        for enlargement in _ENLARGEMENTS:
            picture, place = lay_on_grey(face, enlargement)
            found = detector.detect(picture, _MINIMUM_SCORE)
            if len(found) == 1:
                yield _in_parts(found[0], place)


def summarise(seen: list[Face]) -> dict[str, Quantiles]:
    """Return the quantiles of everything the frame's place is reckoned from."""
    rows = zip(*(_measures(face).values() for face in seen), strict=True)
    return {name: _quantiles(row) for name, row in zip(_measures(MEDIAN_FACE), rows, strict=True)}


def main() -> None:
    """Print what is measured beside what is built in."""
    parser = argparse.ArgumentParser(prog="mien_detector.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013")
    parser.add_argument("--model-dir", type=Path, required=True, help="folder of YuNet's file")
    parser.add_argument("--detector", type=DetectorChoice, default=DetectorChoice.YUNET)
    parser.add_argument("--faces", type=int, default=1000)
    arguments = parser.parse_args()
    source = ModelSource(
        folders=(arguments.model_dir,), cache=arguments.model_dir, url="", timeout_seconds=1
    )
    detector = make_detector(arguments.detector, source)
    seen = list(see(detector, read_faces(arguments.data, arguments.faces)))
    print(f"{len(seen)} of {arguments.faces * len(_ENLARGEMENTS)} seen clearly")  # noqa: T201
    built_in = _measures(MEDIAN_FACE)
    for name, found in summarise(seen).items():
        row = f"{name:14} {found.median:8.3f}   90 %: {found.low:8.3f} to {found.high:8.3f}"
        print(f"{row}   built in: {built_in[name]:8.3f}")  # noqa: T201


def _measures(face: Face) -> dict[str, float]:
    box = face.box
    measures = {"box x": box.x, "box y": box.y, "box width": box.width, "box height": box.height}
    for field in fields(Landmarks):
        point = getattr(face.landmarks, field.name)
        measures[f"{field.name} x"] = point.x
        measures[f"{field.name} y"] = point.y
    return {**measures, "turn": turn_of(face)}


def _cut_face(sheet: Grey, index: int) -> Grey:
    row, column = divmod(index, _FACES_PER_ROW)
    return sheet[row * _SIDE : (row + 1) * _SIDE, column * _SIDE : (column + 1) * _SIDE]


def _in_parts(face: Face, place: Box) -> Face:
    def move(point: Point) -> Point:
        return Point((point.x - place.x) / place.width, (point.y - place.y) / place.height)

    corner = move(Point(face.box.x, face.box.y))
    box = Box(corner.x, corner.y, face.box.width / place.width, face.box.height / place.height)
    return Face(box, Landmarks(*map(move, face.landmarks.points)), face.score)


def _quantiles(values: tuple[float, ...]) -> Quantiles:
    low, median, high = np.percentile(values, [5, 50, 95])
    return Quantiles(float(median), float(low), float(high))


if __name__ == "__main__":
    main()
