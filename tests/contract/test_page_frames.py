"""The page draws heat maps where the face detector cuts its crops: both by the same examples."""

import json

import pytest

from mien_detector.alignment import place_frame
from mien_detector.types import Box, Face, Landmarks, Point
from tests.running_system import ROOT

EXAMPLES = json.loads((ROOT / "web" / "tests" / "frames.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_page_knows_the_detectors_frames(
    example: dict[str, dict[str, dict[str, object]]],
) -> None:
    """`web/tests/model-frame.test.ts` holds the page to the same file."""
    described, expected = example["face"], example["frame"]
    box = Box(**{name: float(str(value)) for name, value in described["box"].items()})
    points = {name: Point(**point) for name, point in described["landmarks"].items()}  # type: ignore[arg-type]
    frame = place_frame(Face(box, Landmarks(**points), 1.0))
    assert expected == pytest.approx(
        {
            "x": frame.centre.x,
            "y": frame.centre.y,
            "width": frame.side,
            "height": frame.side,
            "turn": frame.turn,
        }
    )
