"""Prove that the frameworks agree: ``python -m mien_training.twins --model NAME``.

Keras runs the network on PyTorch and on TensorFlow, in a process each, and looks at the same drawn
faces. Exit status 1 where a probability differs by more than 1e-4.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from mien_training.backend import FRAMEWORKS, select_framework
from mien_training.console import finish
from mien_training.errors import EvaluationError
from mien_training.paths import MODELS
from mien_training.releases.sidecar import newest_version

TOLERANCE = 1e-4
_FACES = 200
_SECONDS = 300


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    if options.framework:
        select_framework(options.framework)
        return finish(lambda: _answer(options))
    return finish(lambda: _compare(options))


def _compare(options: argparse.Namespace) -> str:
    folder = newest_version(options.models, options.model)
    with tempfile.TemporaryDirectory() as scratch:
        given = [_ask(options, framework, Path(scratch)) for framework in FRAMEWORKS]
    difference = float(np.abs(given[0] - given[1]).max())
    sentence = f"{folder}: the frameworks differ by {difference:.1e} at most on {_FACES} faces"
    # Written so that a not-a-number fails too.
    if not difference <= TOLERANCE:
        message = f"{sentence}, not {TOLERANCE:.0e}; the weights or an architecture are at fault"
        raise EvaluationError(message)
    return sentence


def _ask(options: argparse.Namespace, framework: str, scratch: Path) -> np.ndarray:
    """Return the probabilities [200, classes] that a process with ``framework`` finds."""
    out = scratch / f"{framework}.npy"
    command = [sys.executable, "-m", "mien_training.twins", "--model", options.model]
    command += ["--models", str(options.models), "--framework", framework, "--out", str(out)]
    done = subprocess.run(  # noqa: S603 - our own command line
        command, check=False, timeout=_SECONDS, capture_output=True, text=True
    )
    if done.returncode:
        message = f"{framework} gives no answer:\n{done.stderr.strip()}"
        raise EvaluationError(message)
    probabilities: np.ndarray = np.load(out)
    return probabilities


def _answer(options: argparse.Namespace) -> str:
    # The framework was chosen above; these import it.
    from mien_training.export.checking import drawn_faces  # noqa: PLC0415
    from mien_training.graphs import serving_model  # noqa: PLC0415
    from mien_training.releases.released import load_released  # noqa: PLC0415

    sidecar, network = load_released(newest_version(options.models, options.model))
    faces = drawn_faces(_FACES, sidecar.input_shape)
    model = serving_model(network, sidecar.temperature)
    np.save(options.out, model.predict(faces, batch_size=50, verbose=0))
    return str(options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.twins", description=__doc__)
    parser.add_argument("--model", required=True, help="name without the framework")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the models")
    parser.add_argument("--framework", choices=FRAMEWORKS, help="only this one, into --out")
    parser.add_argument("--out", type=Path, help="file for the probabilities of one framework")
    return parser


if __name__ == "__main__":
    sys.exit(main())
