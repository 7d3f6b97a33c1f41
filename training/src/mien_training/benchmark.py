"""Time an export: ``python -m mien_training.benchmark --model fer2013-squeezenet``.

Holds the exported TorchScript to 1.1 times the time of the hand-written network with the same
weights, at batch 1 and 8: medians of calls that take turns, so that a busy machine slows both.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from mien_training.backend import select_framework
from mien_training.console import finish, say
from mien_training.errors import ConfigError, EvaluationError
from mien_training.paths import MODELS
from mien_training.releases.sidecar import newest_version, read_sidecar

LIMIT = 1.1
_BATCHES = (1, 8)
_WARM_UP = 10


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)

    def work() -> str:
        select_framework("pytorch")
        folder = newest_version(options.models, options.model)
        result = compare(folder, options.rounds)
        if options.json:
            options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        for batch in _BATCHES:
            times = result[f"batch {batch}"]
            say(f"batch {batch}: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in times.items()))
        return _judge(result)

    return finish(work)


def compare(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return for each batch size the median milliseconds of every way to run the model.

    Raises:
        ConfigError: nobody wrote this architecture by hand.
    """
    sidecar = read_sidecar(folder)
    if sidecar.architecture != "squeezenet":
        message = f"there is no hand-written {sidecar.architecture} to compare with; use squeezenet"
        raise ConfigError(message)
    runs = _runs(folder)
    rng = np.random.default_rng(0)
    return {
        f"batch {batch}": _medians(
            runs, rng.integers(0, 256, (batch, *sidecar.input_shape), dtype=np.uint8), rounds
        )
        for batch in _BATCHES
    }


def ratios(result: dict[str, dict[str, float]]) -> list[float]:
    """Return the export's time in hand-written times, one for each batch size."""
    return [times["export"] / times["hand-written"] for times in result.values()]


def _judge(result: dict[str, dict[str, float]]) -> str:
    worst = max(ratios(result))
    sentence = f"the export takes {worst:.2f} times as long as the hand-written network at worst"
    if worst > LIMIT:
        message = f"{sentence}; {LIMIT} are allowed, so look at what the exporter emits"
        raise EvaluationError(message)
    return f"{sentence}; {LIMIT} are allowed"


def _runs(folder: Path) -> dict[str, Callable[[np.ndarray], object]]:
    """Return the ways to run the model, each from uint8 faces."""
    # The framework was chosen above; these import it.
    import torch  # noqa: PLC0415

    from mien_training.export.handwritten import SqueezeNet  # noqa: PLC0415
    from mien_training.export.torchscript import export_torchscript, load_torchscript  # noqa: PLC0415
    from mien_training.releases.sidecar import WEIGHTS  # noqa: PLC0415
    from mien_training.releases.weights import read_arrays  # noqa: PLC0415

    temperature = read_sidecar(folder).temperature
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.pt"
        export_torchscript(folder, path)
        exported = load_torchscript(path)
    written = SqueezeNet(read_arrays(folder / WEIGHTS), temperature).eval()
    written.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it

    def runner(module: torch.nn.Module) -> Callable[[np.ndarray], object]:
        def run(faces: np.ndarray) -> object:
            with torch.inference_mode():
                return module(torch.from_numpy(faces))

        return run

    return {"export": runner(exported), "hand-written": runner(written)}


def _medians(
    runs: dict[str, Callable[[np.ndarray], object]], faces: np.ndarray, rounds: int
) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(_WARM_UP + rounds):
        for name, run in runs.items():
            began = perf_counter()
            run(faces)
            if turn >= _WARM_UP:
                times[name].append(1000 * (perf_counter() - began))
    return {name: float(np.median(taken)) for name, taken in times.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.benchmark", description=__doc__)
    parser.add_argument("--model", default="fer2013-squeezenet", help="name without the framework")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the models")
    parser.add_argument("--rounds", type=int, default=200, help="timed calls of each")
    parser.add_argument("--json", type=Path, help="file for the medians")
    return parser


if __name__ == "__main__":
    sys.exit(main())
