"""Measure a model: ``python -m mien_training.evaluate --model NAME --framework F``.

The figures come from the exported graph, on the part that validates (FER2013: PublicTest). They are
printed and written into the model's sidecar, its card and a report to look at. With --check
nothing of the model is changed: what it states is held to what is measured.
"""

import argparse
import sys
from pathlib import Path

from mien_training.backend import FRAMEWORKS, Framework, select_framework
from mien_training.console import finish, say
from mien_training.datasets import find_dataset
from mien_training.errors import ConfigError, EvaluationError
from mien_training.evaluation.checking import differing
from mien_training.evaluation.metrics import Figures
from mien_training.paths import DATA, MODELS, RUNS
from mien_training.releases.card import figures_table, write_card
from mien_training.releases.registering import register
from mien_training.releases.sidecar import newest_version, read_sidecar, write_sidecar


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    return finish(lambda: _work(options))


def _work(options: argparse.Namespace) -> str:
    select_framework(options.framework)
    # Now that the framework is chosen, these may import it.
    from mien_training.evaluation.evaluating import (  # noqa: PLC0415
        compare_twins,
        explain,
        measure_twin,
    )
    from mien_training.evaluation.report import write_report  # noqa: PLC0415

    framework: Framework = options.framework
    folder = newest_version(options.models, options.model)
    sidecar = read_sidecar(folder)
    parts = find_dataset(sidecar.dataset).read(options.data)
    if sidecar.labels != parts.labels:
        message = f"{folder} has other labels than {sidecar.dataset}; give its own data with --data"
        raise ConfigError(message)
    measured = measure_twin(folder, framework, parts, say)
    kept = options.kept / options.model
    page = write_report(
        options.out or kept / f"report-{framework}", explain(folder, framework, parts, measured)
    )
    if options.check:
        return _checked(sidecar.evaluation.get(framework), measured.figures, page)
    difference = compare_twins(folder, framework, measured.probabilities, kept)
    evaluation = {**sidecar.evaluation, framework: measured.figures}
    change = {"evaluation": evaluation, "twins_max_difference": difference}
    write_sidecar(folder, sidecar.model_copy(update=change))
    write_card(folder)
    return (
        f"{figures_table(read_sidecar(folder))}\n\n{_registered(options, folder)}\nreport: {page}"
    )


def _checked(stated: Figures | None, measured: Figures, page: Path) -> str:
    wrong = differing(stated, measured)
    if wrong:
        raise EvaluationError("; ".join(wrong))
    return f"every stated figure is what was measured, {measured.accuracy:.4f}\nreport: {page}"


def _registered(options: argparse.Namespace, folder: Path) -> str:
    """Register a model that both twins are measured of; else say what is missing."""
    measured = read_sidecar(folder).evaluation
    missing = [framework for framework in FRAMEWORKS if framework not in measured]
    if missing:
        return f"not registered before --framework {missing[0]} is measured too"
    return register(options.models, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.evaluate", description=__doc__)
    parser.add_argument("--model", required=True, help="name without the framework")
    parser.add_argument("--framework", choices=FRAMEWORKS, required=True)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data set")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of registry.yaml")
    parser.add_argument("--kept", type=Path, default=RUNS, help="folder for the probabilities")
    parser.add_argument("--out", type=Path, help="folder of the report; default below --kept")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; hold the stated figures to the data"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
