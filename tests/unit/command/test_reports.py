"""What was found in pictures, in each form."""

import csv
import io
import json

import pytest

from mien_client.command.reports import CsvRows, FaceTable, JsonLines
from mien_client.command.terminal import CAPTION, Terminal
from mien_client.types import Problem
from tests.fakes.analyses import LABELS, analysis, face


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_json_has_a_line_per_picture_at_once() -> None:
    """A picture that failed has one, too."""
    out = io.StringIO()
    report = JsonLines(Terminal(out, io.StringIO()))
    report.add("a.jpg", analysis(face(), face("sad", index=1)))
    assert len(json.loads(out.getvalue())["faces"]) == 2
    report.fail("b.jpg", Problem("unreadable_image", "It is broken"))
    assert json.loads(out.getvalue().splitlines()[1]) == {
        "file": "b.jpg",
        "problem": {"code": "unreadable_image", "detail": "It is broken"},
    }


def test_csv_has_a_header_and_a_row_per_face() -> None:
    """A picture without a face and one that failed have a row that says why."""
    out = io.StringIO()
    report = CsvRows(Terminal(out, io.StringIO()), LABELS)
    report.add("none.jpg", analysis())
    report.add('a, "b".jpg', analysis(face(), face("sad", index=1, issues=("blurred", "turned"))))
    report.fail("b.jpg", Problem("unreadable_image", "It is broken"))
    none, first, second, failed = csv.DictReader(io.StringIO(out.getvalue()))
    assert first["file"] == 'a, "b".jpg'
    assert (first["face"], second["face"]) == ("1", "2")
    assert (second["label"], second["confidence"], second["sad"]) == ("sad", "0.8", "0.8")
    assert [float(first[name]) for name in ("x", "y", "width", "height")] == [10, 20, 30, 40]
    assert (first["size_pixels"], first["sharpness"], first["issues"]) == ("30.0", "0.5", "")
    assert (second["issues"], second["problem"]) == ("blurred turned", "")
    reasons = [{name: cell for name, cell in each.items() if cell} for each in (none, failed)]
    assert reasons == [
        {"file": "none.jpg", "problem": "no_face", "detail": "there is no face in it"},
        {"file": "b.jpg", "problem": "unreadable_image", "detail": "It is broken"},
    ]


def test_the_table_has_a_row_per_face_and_says_who_answered() -> None:
    """Pictures without a face and failed ones have a row that says so."""
    out = io.StringIO()
    report = FaceTable(Terminal(out, io.StringIO()))
    report.add("a.jpg", analysis(face(issues=("too_small", "blurred"))))
    report.add("empty.jpg", analysis())
    report.fail("b.jpg", Problem("unreadable_image", "It is broken"))
    report.end()
    rows = {line.split()[0]: line for line in out.getvalue().splitlines() if ".jpg" in line}
    assert "happy" in rows["a.jpg"]
    assert "80%" in rows["a.jpg"]
    assert "too small, blurred" in rows["a.jpg"]
    assert "no face" in rows["empty.jpg"]
    assert "not analysed" in rows["b.jpg"]
    assert "served by torchserve" in out.getvalue()


def test_remarks_have_a_column_only_where_there_are_any() -> None:
    """Terminals are narrow."""
    out = io.StringIO()
    report = FaceTable(Terminal(out, io.StringIO()))
    report.add("a.jpg", analysis(face()))
    report.end()
    assert "Place" in out.getvalue()
    assert "Remarks" not in out.getvalue()


def test_the_caption_is_for_people_alone() -> None:
    """At the foot of a table on a terminal; a file goes without it."""
    screen, file = Screen(), io.StringIO()
    for out in (screen, file):
        report = FaceTable(Terminal(out, io.StringIO()))
        report.add("a.jpg", analysis(face()))
        report.end()
    assert CAPTION in screen.getvalue()
    assert CAPTION not in file.getvalue()


def test_a_table_in_a_pipe_is_as_wide_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS says so; without it nothing is cut."""
    widest = []
    for columns in ("", "70"):
        monkeypatch.setenv("COLUMNS", columns)
        out = io.StringIO()
        report = FaceTable(Terminal(out, io.StringIO()))
        report.add("a/long/way/to/a/picture/whose/name/is/long/too.jpg", analysis(face()))
        report.end()
        widest.append(max(map(len, out.getvalue().splitlines())))
    assert widest[0] > 100
    assert widest[1] == 70


def test_nothing_is_written_of_no_picture() -> None:
    """The message on stderr is enough."""
    out = io.StringIO()
    FaceTable(Terminal(out, io.StringIO())).end()
    assert out.getvalue() == ""


def test_a_files_name_cannot_steer_the_terminal() -> None:
    """Neither by escape sequences nor by rich's markup."""
    out = io.StringIO()
    report = FaceTable(Terminal(out, io.StringIO()))
    report.add("\x1b[2J[red]x.jpg", analysis())
    report.end()
    assert "\x1b" not in out.getvalue()
    assert "[red]x.jpg" in out.getvalue()
