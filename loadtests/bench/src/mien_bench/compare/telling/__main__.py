"""`python -m mien_bench.compare.telling`: writes the report anew from its raw data.

With --readme, the main figures go into that page too, between `<!-- compare:begin -->` and
`<!-- compare:end -->`.
"""

import argparse
import os
import sys
from pathlib import Path

from mien_bench.compare.options import REPORT
from mien_bench.compare.rows import load_results
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.report import page
from mien_bench.compare.telling.summary import summary, warnings
from mien_bench.errors import BenchError
from mien_bench.reports.marks import renew
from mien_bench.reports.page import MARKDOWN

MARK = "compare"


def main(arguments: list[str] | None = None) -> int:
    """Write, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        figures = Figures(load_results(options.out))
        page(figures).write(options.out)
        if options.readme:
            renew(options.readme, MARK, _block(figures, options))
    except (OSError, BenchError) as error:
        sys.stderr.write(f"mien: {error}\n")
        return 1
    return 0


def _block(figures: Figures, options: argparse.Namespace) -> str:
    report = os.path.relpath(options.out.resolve() / MARKDOWN, options.readme.resolve().parent)
    parts = [
        warnings(figures),
        summary(figures),
        f"[The whole report]({report}), by `make compare`.",
    ]
    return "\n\n".join(filter(None, parts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_bench.compare.telling",
        description="Writes the report of `make compare` anew from the raw data beside it.",
    )
    parser.add_argument("--out", type=Path, default=REPORT, help="folder of report and raw data")
    parser.add_argument("--readme", type=Path, help="page that carries the main figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
