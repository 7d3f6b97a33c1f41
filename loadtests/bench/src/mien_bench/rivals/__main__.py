"""`python -m mien_bench.rivals`: measures, and writes the report."""

import os
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mien_bench.errors import BenchError
from mien_bench.measuring.machine import machine, versions
from mien_bench.reports.marks import renew
from mien_bench.reports.page import MARKDOWN
from mien_bench.rivals.options import Options, parse
from mien_bench.rivals.programs import baseline_versions
from mien_bench.rivals.report import Conditions, summary, write
from mien_bench.rivals.results import Results
from mien_bench.rivals.rounds import Bench
from mien_bench.rivals.running import everything
from mien_bench.rivals.standing import Standing
from mien_detector.detectors.model_file import find_or_download
from mien_detector.errors import ModelUnavailableError
from mien_detector.settings import Settings as DetectorSettings
from mien_models.registry import RegistryError
from mien_stack.errors import StackError

_FAILED, _INTERRUPTED = 1, 130
_MARK = "bench"


def main() -> int:
    """Measure and write; returns the exit status."""
    options = parse(sys.argv[1:])
    console = Console(soft_wrap=True)
    conditions = Conditions(
        machine=machine(),
        date=datetime.now(UTC).date().isoformat(),
        command=shlex.join(["python", "-m", "mien_bench.rivals", *sys.argv[1:]]),
        versions=versions() | baseline_versions(),
    )
    try:
        results = _measured(options, console)
    except KeyboardInterrupt:
        sys.stderr.write("mien: interrupted; everything was stopped, and nothing written\n")
        return _INTERRUPTED
    except (BenchError, ModelUnavailableError, RegistryError, StackError) as error:
        sys.stderr.write(f"mien: {error}\n")
        return _FAILED
    write(options.out, options.plan, results, conditions)
    if options.readme:
        renew(options.readme, _MARK, _block(options, options.readme, results))
    console.print(f"The report is {options.out / 'report.md'}, as HTML beside it")
    return 0


def _block(options: Options, readme: Path, results: Results) -> str:
    report = os.path.relpath(options.out.resolve() / MARKDOWN, readme.resolve().parent)
    told = summary(Standing(options.plan, results))
    return f"{told}\n\n[The whole report]({report}), by `make bench`."


def _measured(options: Options, console: Console) -> Results:
    yunet = find_or_download(DetectorSettings().model_source)
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder:
        console.print("Starting what is measured, one after the other")
        with everything(options.plan.systems, Path(folder), yunet.parent, console) as programs:
            columns = (
                TextColumn("{task.description}"),
                *(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
            )
            with Progress(*columns, console=console) as progress:
                return uvloop.run(Bench(options.plan, programs, progress).run())


if __name__ == "__main__":
    sys.exit(main())
