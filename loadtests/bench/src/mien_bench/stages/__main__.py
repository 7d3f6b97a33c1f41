"""`python -m mien_bench.stages`: asks a Mien of its own, and writes where the time went."""

import argparse
import os
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from mien_bench.compare.pairs import pairs_of
from mien_bench.errors import BenchError
from mien_bench.measuring.machine import machine, versions
from mien_bench.reports.page import HTML
from mien_models.registry import RegistryError, load_registry
from mien_stack.beside import running, settings_on_free_ports
from mien_stack.errors import StackError
from mien_stack.settings import ROOT, StackSettings

REPORT = ROOT / "loadtests" / "reports" / "profile"
QUICK_REPORT = ROOT / "build" / "profile-quick"
_INTERRUPTED = 130


def main() -> int:
    """Measure, write the report, and return the exit status."""
    # Programs are started while channels are open, and gRPC would say so every time.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    options = _parser().parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="mien-profile-") as folder:
            return _run(options, Path(folder))
    except KeyboardInterrupt:
        sys.stderr.write("mien: interrupted, nothing was written\n")
        return _INTERRUPTED
    except (BenchError, RegistryError, StackError) as error:
        sys.stderr.write(f"mien: {error}\n")
        return 1


def _run(options: argparse.Namespace, folder: Path) -> int:
    from mien_bench.stages.rows import save  # noqa: PLC0415 - gRPC reads the variable at import
    from mien_bench.stages.run import Plan, measure  # noqa: PLC0415
    from mien_bench.stages.telling import page, verdict  # noqa: PLC0415

    console = Console(soft_wrap=True)
    (pair, *_) = pairs_of(load_registry(StackSettings().registry), [options.model])
    clients = (1,) if options.quick else (1, 16)
    plan = Plan(pair, 40 if options.quick else options.requests, clients)
    conditions = _conditions(plan.requests)
    settings = settings_on_free_ports(folder / "run")
    with running(settings, console):
        found = measure(plan, settings, console)
    out = options.out or (QUICK_REPORT if options.quick else REPORT)
    save(out, found)
    page(found, conditions).write(out)
    console.print(verdict(found).replace("**", ""))
    console.print(f"Wrote {out / HTML}, and beside it the plots and the raw data")
    return 0


def _conditions(requests: int) -> dict[str, str]:
    listed = ", ".join(f"{name} {number}" for name, number in versions().items())
    return {
        "command": shlex.join(["python", "-m", "mien_bench.stages", *sys.argv[1:]]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "requests of each kind": str(requests),
        **machine(),
        "versions": listed,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_bench.stages",
        description="Prints where a request's time goes, stage by stage, and writes a report. "
        "Takes about two minutes.",
    )
    parser.add_argument("--model", default="fer2013-squeezenet", help="without the framework")
    parser.add_argument("--requests", type=int, default=400, help="of each kind (default 400)")
    parser.add_argument("--quick", action="store_true", help="few requests, to see that it works")
    parser.add_argument("--out", type=Path, help=f"default {REPORT.relative_to(ROOT)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
