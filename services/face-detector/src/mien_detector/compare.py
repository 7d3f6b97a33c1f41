"""Measures what a picture costs with each detector, and with OpenCV's runner of the same file.

    python -m mien_detector.compare --picture photo.jpg --model-dir ../shared/models

One thread each. Wall-clock time suffers from what else the machine does; CPU time hardly.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.detectors.model_file import FILE_NAME
from mien_detector.detectors.yunet import YuNet
from mien_detector.types import Image

_SIZES = ((320, 320), (640, 360), (1280, 720))
_MINIMUM_SCORE = 0.6


def main() -> None:
    """Print one line for each size and way."""
    parser = argparse.ArgumentParser(prog="mien_detector.compare", description=__doc__)
    parser.add_argument("--picture", type=Path, required=True, help="a photo with a face")
    parser.add_argument("--model-dir", type=Path, required=True, help="folder of YuNet's file")
    parser.add_argument("--rounds", type=int, default=30, help="the median of so many is shown")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    photo = cv2.imread(str(arguments.picture), cv2.IMREAD_COLOR)
    if photo is None:
        message = f"{arguments.picture} is missing or no picture"
        raise SystemExit(message)
    model_file = arguments.model_dir / FILE_NAME
    yunet, library = YuNet(model_file), LibFaceDetection()
    for size in _SIZES:
        picture = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
        ways: dict[str, Callable[[], object]] = {
            "yunet, ONNX Runtime": partial(yunet.detect, picture, _MINIMUM_SCORE),
            "yunet, FaceDetectorYN": _opencv(model_file, picture),
            "libfacedetection": partial(library.detect, picture, _MINIMUM_SCORE),
        }
        for name, way in ways.items():
            wall, cpu = _measure(way, arguments.rounds)
            print(f"{size[0]:4} x {size[1]:3}  {name:22} {wall:6.1f} ms  CPU {cpu:6.1f} ms")  # noqa: T201


def _opencv(model_file: Path, picture: Image) -> Callable[[], object]:
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(model_file), "", (width, height), _MINIMUM_SCORE, 0.45)
    return partial(detector.detect, picture)


def _measure(way: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the medians of wall-clock and CPU time, in milliseconds."""
    way()
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        way()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return median(walls), median(cpus)


if __name__ == "__main__":
    main()
