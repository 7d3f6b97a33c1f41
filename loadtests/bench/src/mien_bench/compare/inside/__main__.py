"""`python -m mien_bench.compare.inside`: one framework in a process of its own.

A process can hold one Keras backend only, and neither framework should have the other's threads
beside it. What it is asked comes as lines of JSON, and so do its answers.
"""

import argparse
import os
import sys
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from mien_bench.compare.inside.messages import Ready
from mien_models.registry import Framework, load_registry
from mien_training.backend import select_framework


def main() -> None:
    """Load the ways, tell of their first calls, and measure until the input ends."""
    began = time.perf_counter()
    options = _parser().parse_args()
    # Nothing but answers may go where they go.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    framework = Framework(options.framework)
    select_framework(framework.value)
    # The framework was chosen above; these import it.
    ways_of = import_module(f"mien_bench.compare.inside.{framework}")
    from mien_bench.compare.inside.program import Program  # noqa: PLC0415

    ways_of.set_threads(options.threads)
    (model,) = (one for one in load_registry(options.registry).models if one.name == options.model)
    makers = ways_of.ways(options.exported, model.directory)
    program = Program(makers, model.input, options.batches, sys.stdin, answers)
    program.say(asdict(Ready(time.perf_counter() - began)))
    program.run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mien_bench.compare.inside")
    parser.add_argument("--framework", choices=[*Framework], required=True)
    parser.add_argument("--registry", type=Path, required=True)
    parser.add_argument("--model", required=True, help="name without the framework")
    parser.add_argument("--exported", type=Path, required=True, help=".mar or SavedModel")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--batches", type=int, nargs="+", required=True)
    return parser


if __name__ == "__main__":
    main()
