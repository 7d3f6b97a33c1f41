"""Live results as they are written."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mien_client.command.faults import CommandError
from mien_client.command.terminal import Terminal
from mien_client.command.watching.outputs import FrameCsv, FrameJson
from mien_client.types import FrameProblem, FrameResult
from tests.fakes.analyses import LABELS, analysis, face

RESULT = FrameResult(4, analysis(replace(face(), track=2), face("sad", index=1)), 0)
PROBLEM = FrameProblem(5, "unreadable_image", "It is broken", 0)


def test_csv_has_a_row_per_frame_and_face(tmp_path: Path) -> None:
    """A face that is not followed has track 0; a frame that failed has no row."""
    path = tmp_path / "seen.csv"
    with FrameCsv.writing(path) as rows:
        assert rows
        rows.begin(LABELS)
        rows.result(1.25, 20.0, RESULT)
        rows.problem(1.5, PROBLEM)
    with path.open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert (first["time_seconds"], first["track"], first["label"]) == ("1.25", "2", "happy")
    assert (second["track"], second["label"], second["sad"]) == ("0", "sad", "0.8")


def test_what_was_written_stays_whatever_happens(tmp_path: Path) -> None:
    """Ctrl+C comes as an exception."""
    path = tmp_path / "seen.csv"

    def interrupted() -> None:
        with FrameCsv.writing(path) as rows:
            assert rows
            rows.begin(LABELS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text(encoding="utf-8").startswith("time_seconds,track,x,y,")


def test_no_file_is_written_unasked(tmp_path: Path) -> None:
    """And one that cannot be written is said at once, before anybody is watched."""
    with FrameCsv.writing(None) as rows:
        assert rows is None
    with pytest.raises(CommandError, match="cannot be written"), FrameCsv.writing(tmp_path):
        pass


def test_json_has_a_line_per_frame() -> None:
    """Failed ones, too."""
    out = io.StringIO()
    frames = FrameJson(Terminal(out, io.StringIO()))
    frames.begin(LABELS)
    frames.result(1.25, 20.04, RESULT)
    frames.problem(1.5, PROBLEM)
    good, bad = (json.loads(line) for line in out.getvalue().splitlines())
    assert (good["frame"], good["time_seconds"], good["latency_ms"]) == (4, 1.25, 20.0)
    assert good["faces"][0]["track"] == 2
    assert bad == {
        "time_seconds": 1.5,
        "frame": 5,
        "problem": {"code": "unreadable_image", "detail": "It is broken"},
    }
