"""The block that a command writes into a page."""

from pathlib import Path

import pytest

from mien_bench.errors import BenchError
from mien_bench.reports.marks import renew, renewed

PAGE = "before\n<!-- compare:begin -->\nold\n<!-- compare:end -->\nafter\n"


def test_only_what_is_between_the_marks_is_written_anew(tmp_path: Path) -> None:
    """Backslashes of the block are no references."""
    path = tmp_path / "README.md"
    path.write_text(PAGE)
    renew(path, "compare", "new \\1\n")
    assert path.read_text() == PAGE.replace("old", "new \\1")


@pytest.mark.parametrize("page", ["", PAGE + PAGE, "<!-- compare:begin -->"])
def test_a_page_without_one_pair_of_marks_is_refused(page: str, tmp_path: Path) -> None:
    """And stays as it is."""
    with pytest.raises(BenchError, match="one pair"):
        renewed(page, "compare", "new")
    path = tmp_path / "README.md"
    path.write_text(page)
    with pytest.raises(BenchError, match=r"README\.md"):
        renew(path, "compare", "new")
    assert path.read_text() == page
