"""The report of a made-up run."""

from pathlib import Path

from mien_bench.reports.csv_files import read_rows
from mien_bench.rivals.points import Row
from mien_bench.rivals.report import Conditions, write
from mien_bench.rivals.results import ROWS
from tests.unit.bench.rivals.measured import PLAN, results

CONDITIONS = Conditions(
    {"processor": "one of many"}, "2025-01-02", "python -m mien_bench.rivals", {"litserve": "9.8.7"}
)


def test_it_holds_the_figures_and_under_what_conditions(tmp_path: Path) -> None:
    write(tmp_path, PLAN, results(), CONDITIONS)
    text = (tmp_path / "report.md").read_text()
    for expected in ("200 (100 to 300)", "one of many", "9.8.7", "torchserve", "2025-01-02"):
        assert expected in text
    for plot in ("throughput", "p99", "cpu"):
        assert f"]({plot}.svg)" in text
        assert (tmp_path / f"{plot}.svg").read_text().count("theses' design") >= 1


def test_the_html_form_asks_for_no_other_file(tmp_path: Path) -> None:
    write(tmp_path, PLAN, results(), CONDITIONS)
    html = (tmp_path / "report.html").read_text()
    assert html.count("data:image/svg+xml;base64,") == 3
    assert 'src="throughput.svg"' not in html


def test_raw_data_is_a_line_per_measured_point(tmp_path: Path) -> None:
    write(tmp_path, PLAN, results(), CONDITIONS)
    rows = read_rows(tmp_path / ROWS, Row)
    assert len(rows) == PLAN.rounds * len(PLAN.systems) * len(PLAN.points)
    assert rows[0] == results().points[0]


def test_equal_figures_give_equal_files(tmp_path: Path) -> None:
    """Otherwise every run would change every line of the committed report."""
    for folder in ("one", "two"):
        write(tmp_path / folder, PLAN, results(), CONDITIONS)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 8
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
