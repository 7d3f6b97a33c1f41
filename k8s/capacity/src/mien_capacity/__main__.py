"""`python -m mien_capacity`: simulates days and draws them."""

import argparse
import sys
import time
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from mien_capacity.chart import ValuesError
from mien_capacity.inputs import load_assumed, load_measured
from mien_capacity.paths import ASSUMED, CHART_VALUES, MEASURED, OUT
from mien_capacity.scenarios import names, prepare


def main() -> None:
    """Simulate what the command line asks for; a failure is one sentence and exit status 1."""
    arguments = _parser().parse_args()
    console = Console(soft_wrap=True, highlight=False)
    try:
        _run(arguments, console)
    except (ValuesError, ValidationError, OSError) as error:
        sys.exit(f"mien: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_capacity",
        description="Simulates a day of the chart's autoscalers, second by second, and draws it.",
        epilog="k8s/CAPACITY.md says what came out. Figures of your own go into "
        "k8s/capacity/measured.yaml, assumed.yaml and scenarios/.",
    )
    parser.add_argument(
        "--scenario",
        action="append",
        choices=names(),
        help="peak frames a second; may be given several times (default: all)",
    )
    parser.add_argument(
        "--values",
        type=Path,
        default=CHART_VALUES,
        help="the chart's values; the scenario's are laid over them (default: the chart's)",
    )
    parser.add_argument("--measured", type=Path, default=MEASURED, help="measured figures")
    parser.add_argument("--assumed", type=Path, default=ASSUMED, help="assumed figures")
    parser.add_argument(
        "--out", type=Path, default=OUT, help="folder for the plots (default: build/capacity)"
    )
    return parser


def _run(arguments: argparse.Namespace, console: Console) -> None:
    # Loading matplotlib takes a second that --help need not take.
    from mien_capacity.plots import draw  # noqa: PLC0415
    from mien_capacity.simulation import simulate  # noqa: PLC0415
    from mien_capacity.traffic import frames_per_second  # noqa: PLC0415

    measured = load_measured(arguments.measured)
    assumed = load_assumed(arguments.assumed)
    for name in arguments.scenario or names():
        began = time.monotonic()
        prepared = prepare(name, measured, assumed, arguments.values)
        with console.status("") as status:
            day = simulate(
                prepared.system,
                frames_per_second(prepared.scenario.traffic),
                assumed,
                lambda share, title=prepared.scenario.title: status.update(  # type: ignore[misc]
                    f"{title}: {share:.0%} of the day"
                ),
            )
        path = arguments.out / f"{name}.png"
        draw(prepared, day, assumed, path)
        refused = day.refused.sum() / day.frames.sum()
        console.print(
            f"{prepared.scenario.title}: {refused:.2%} refused, "
            f"{time.monotonic() - began:.0f} s, {path}"
        )


if __name__ == "__main__":
    main()
