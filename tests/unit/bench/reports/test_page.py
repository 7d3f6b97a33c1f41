"""A report as Markdown and as HTML."""

import re
from pathlib import Path

import pytest

from mien_bench.measuring.figures import Interval
from mien_bench.reports import plots
from mien_bench.reports.blocks import Plot, Table, Text
from mien_bench.reports.page import Page, Section


def drawing() -> str:
    values = [Interval(1.0, 0.9, 1.2), Interval(3.0, 2.0, 3.5)]
    with plots.figure(2) as (figure, (left, right)):
        plots.line(left, [1, 16], values, plots.PYTORCH)
        plots.bars(right, ["a", "b"], {plots.PYTORCH: values, plots.TENSORFLOW: values})
        plots.legend(figure, right)
        return plots.svg(figure)


@pytest.fixture(scope="module")
def page() -> Page:
    """A report with one of each block."""
    table = Table(["way", "p50 ms"], [["a | b", 3.4], ["**bold**", "<script>"]])
    shown = Plot("latency", drawing, "Latency by clients")
    return Page("A & B", [Text("Measured with `make`.")], [Section("Latency", [table, shown])])


def test_markdown_has_every_block_under_its_heading(page: Page) -> None:
    """The cell's own pipe does not end the cell."""
    assert page.markdown().splitlines() == [
        "# A & B",
        "",
        "Measured with `make`.",
        "",
        "## Latency",
        "",
        "| way | p50 ms |",
        "| --- | ---: |",
        "| a \\| b | 3.4 |",
        "| **bold** | <script> |",
        "",
        "![Latency by clients](latency.svg)",
    ]


def test_html_is_one_file_that_asks_nobody_for_anything(page: Page) -> None:
    """Every source is inside, and what stands in a cell is no markup of the page's."""
    html = page.html()
    assert "<title>A &amp; B</title>" in html
    assert "<td>a | b</td>" in html
    assert "<strong>bold</strong>" in html
    assert "<script>" not in html
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert len(sources) == 1
    assert sources[0].startswith("data:image/svg+xml;base64,")
    assert "http" not in re.sub(r'src="data:[^"]*"', "", html)


def test_the_folder_holds_what_is_shown_and_no_plot_of_before(page: Page, tmp_path: Path) -> None:
    """A plot that was renamed does not stay."""
    (tmp_path / "old.svg").write_text("<svg/>")
    (tmp_path / "rounds.csv").write_text("a\n")
    page.write(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"report.md", "report.html", "latency.svg", "rounds.csv"}


def test_equal_figures_give_equal_files() -> None:
    """A report that is written again from the same data changes nothing."""
    assert drawing() == drawing()
