"""The part of a hand-written page that a command writes: all between two marks."""

import re
from pathlib import Path

from mien_bench.errors import BenchError


def renewed(page: str, name: str, block: str) -> str:
    """Return the page with the block between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.

    Raises:
        BenchError: the page has not exactly one pair of these marks.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    written, count = marked.subn(lambda _: f"{begin}\n{block.strip()}\n{end}", page)
    if count != 1:
        message = f"there must be one pair of {begin} and {end}, and there are {count}"
        raise BenchError(message)
    return written


def renew(path: Path, name: str, block: str) -> None:
    """Do so with a file; raises BenchError as `renewed` does, with the file's name."""
    try:
        text = renewed(path.read_text(encoding="utf-8"), name, block)
    except BenchError as error:
        message = f"{path}: {error}"
        raise BenchError(message) from error
    path.write_text(text, encoding="utf-8")
