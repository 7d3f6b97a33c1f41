"""Documents become values, or say what is wrong with them."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mien_client.structure import UnexpectedDocumentError, structured
from mien_client.types import Analysis, VideoJob
from mien_gateway.http.openapi.examples import ANALYSIS_EXAMPLE

ANALYSIS: dict[str, Any] = {
    "request_id": "a",
    "model": {"name": "m", "version": 1, "framework": "pytorch"},
    "detector": {"name": "yunet", "version": "1"},
    "image": {"width": 640, "height": 360},
    "faces": [],
    "cache": "hit",
    "served_by": "",
    "timings_ms": {"total": 1},
}
JOB: dict[str, Any] = {
    "id": "a",
    "state": "RUNNING",
    "progress": 0.5,
    "frames": {"done": 1, "expected": 2, "unreadable": 0},
    "created": "2026-01-02T03:04:05.678Z",
    "started": None,
    "ended": None,
    "model": "m",
    "options": {
        "sample_rate": 5,
        "start": 0,
        "end": None,
        "annotate": True,
        "smoothing_seconds": None,
    },
    "problem": {"code": "no_frames_in_range", "detail": "none"},
    "links": {"self": "/"},
}


def test_the_api_descriptions_example_is_read_whole() -> None:
    """Nothing of it is lost, nothing is added but that there is no track."""
    analysis = structured(Analysis, ANALYSIS_EXAMPLE)
    assert analysis.faces[0].track is None
    document = orjson.loads(orjson.dumps(asdict(analysis)))
    del document["faces"][0]["track"]
    assert document == ANALYSIS_EXAMPLE


def test_whole_numbers_are_numbers() -> None:
    """JSON does not tell 1 from 1.0, and types do."""
    timings = structured(Analysis, ANALYSIS).timings_ms
    assert timings == {"total": 1.0}
    assert isinstance(timings["total"], float)


def test_what_a_newer_gateway_adds_is_passed_over() -> None:
    """An older client goes on working."""
    assert structured(Analysis, ANALYSIS | {"mood": "blue"}) == structured(Analysis, ANALYSIS)


def test_a_job_has_times_and_a_problem() -> None:
    """Times know their zone."""
    job = structured(VideoJob, JOB)
    assert job.created == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert job.started is None
    assert job.problem
    assert job.problem.code == "no_frames_in_range"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "document is list"),
        (ANALYSIS | {"model": None}, "document.model is NoneType"),
        (ANALYSIS | {"faces": [{"index": 0}]}, r"document.faces\[0\] lacks `box`"),
        (ANALYSIS | {"timings_ms": {"total": "1"}}, r"document.timings_ms\['total'\] is str"),
        (ANALYSIS | {"image": {"width": True, "height": 1}}, "document.image.width is bool"),
        ({"request_id": "a"}, "document lacks `model`"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(document: object, words: str) -> None:
    """So that a report of it is worth reading."""
    with pytest.raises(UnexpectedDocumentError, match=words):
        structured(Analysis, document)


def test_text_that_is_none_of_its_kind() -> None:
    """A time that is no time, bytes that are no base64."""

    @dataclass
    class Overlay:
        png: bytes

    with pytest.raises(UnexpectedDocumentError, match=r"document\.created cannot be read"):
        structured(VideoJob, JOB | {"created": "yesterday"})
    with pytest.raises(UnexpectedDocumentError, match=r"document\.png cannot be read"):
        structured(Overlay, {"png": "é"})
    assert structured(Overlay, {"png": "aGk="}) == Overlay(b"hi")
