"""`python -m mien_bench.compare`: measures, and writes the report."""

import os
import shlex
import sys
import tempfile
from pathlib import Path

import psutil
from rich.console import Console

from mien_bench.compare.options import folder_of, parser, plan_of
from mien_bench.compare.rows import Results, load_results
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.report import page
from mien_bench.compare.telling.summary import warnings
from mien_bench.errors import BenchError
from mien_bench.reports.page import HTML, MARKDOWN
from mien_models.registry import RegistryError, load_registry
from mien_stack.errors import StackError
from mien_stack.settings import StackSettings

_INTERRUPTED = 130


def main() -> int:
    """Measure, and write what was found; returns the exit status."""
    # Programs are started while channels are open, and gRPC would say so every time.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    from mien_bench.compare.run import Run  # noqa: PLC0415 - gRPC reads it at import

    options = parser().parse_args()
    console = Console(soft_wrap=True)
    status = 0
    with tempfile.TemporaryDirectory(prefix="mien-compare-") as folder:
        results = Results({"command": _command()})
        try:
            plan = plan_of(options, load_registry(StackSettings().registry))
            Run(plan, Path(folder), results, console).measure()
        except KeyboardInterrupt:
            results.conditions["interrupted"] = "by the person at the terminal"
            status = _INTERRUPTED
        # psutil: a part that is looked at has ended.
        except (BenchError, RegistryError, StackError, psutil.Error) as error:
            sys.stderr.write(f"mien: {error}\n")
            results.conditions["interrupted"] = str(error)
            status = 1
    if not Figures(results).cells:
        sys.stderr.write("mien: nothing was measured of both twins, so there is no report\n")
        return 1
    _write(results, folder_of(options), console)
    return status


def _write(results: Results, out: Path, console: Console) -> None:
    results.save(out)
    # As it will be told when somebody writes the report anew.
    figures = Figures(load_results(out))
    page(figures).write(out)
    for warning in warnings(figures).splitlines():
        console.print(warning.replace("**", ""))
    console.print(f"Wrote {out / HTML}, and beside it {MARKDOWN}, the plots and the raw data")


def _command() -> str:
    return shlex.join(["python", "-m", "mien_bench.compare", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
