"""Train in both frameworks: ``python -m mien_training.compare --config CONFIG --epochs 3``.

Writes compare.md, curves.png and compare.json: accuracy, time, memory, file sizes and the curves of
the same recipe, seed, data and initial weights on PyTorch and on TensorFlow. It always begins anew:
the time and memory of a run that goes on from a checkpoint would be those of its last piece.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median

from mien_training.backend import FRAMEWORKS, Framework, select_framework
from mien_training.comparison.result import Comparison, Side, curves, to_markdown
from mien_training.comparison.running import run_program
from mien_training.console import finish, say, stop_on_sigterm
from mien_training.datasets import find_dataset
from mien_training.errors import RunError
from mien_training.paths import DATA, REPOSITORY, RUNS
from mien_training.runs.recipe import Recipe, load_recipe

_FORMS: dict[Framework, str] = {"pytorch": "torchscript", "tensorflow": "savedmodel"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework("tensorflow")  # for the initial weights; each run is a process of its own
    stop_on_sigterm()
    return finish(lambda: _work(options), interrupted="stopped; begin anew with another --out")


def _work(options: argparse.Namespace) -> str:
    changes = list(options.set)
    recipe = load_recipe(options.config, changes)
    if options.epochs:
        phase = recipe.phases[0].model_copy(update={"epochs": options.epochs})
        changes.append(f"phases={json.dumps([phase.model_dump(mode='json')])}")
        recipe = load_recipe(options.config, changes)
    out: Path = options.out or RUNS / f"compare-{recipe.name}"
    _refuse_earlier(out)
    out.mkdir(parents=True, exist_ok=True)
    changes.append(f"weights={_initial_weights(recipe, options.data, out)}")
    sides = {name: _side(name, options, changes, out) for name in FRAMEWORKS}
    result = Comparison(recipe=recipe.name, epochs=recipe.epochs, sides=sides)
    (out / "curves.png").write_bytes(curves(result))
    (out / "compare.json").write_text(result.model_dump_json(indent=2) + "\n", encoding="utf-8")
    page = to_markdown(result, "curves.png")
    (out / "compare.md").write_text(page, encoding="utf-8")
    return f"{page}\nwritten to {out / 'compare.md'}"


def _refuse_earlier(out: Path) -> None:
    """Leave alone what is there already; only a whole run's time and memory can be compared."""
    for framework in FRAMEWORKS:
        for folder in (out / framework, out / f"{framework}-models"):
            if folder.exists():
                message = (
                    f"{folder} is from an earlier comparison, whose cost cannot be measured again; "
                    f"remove {out} or choose another --out"
                )
                raise RunError(message)


def _initial_weights(recipe: Recipe, data: Path, out: Path) -> Path:
    """Write the weights that both runs begin with: the frameworks draw random numbers unlike."""
    # TensorFlow was chosen above; these import it.
    from mien_training.releases.weights import network_arrays, save_weights  # noqa: PLC0415
    from mien_training.runs.loop import build_network  # noqa: PLC0415
    from mien_training.runs.transfer import start_from  # noqa: PLC0415

    path = out / "initial.safetensors"
    labels = find_dataset(recipe.dataset).read(data).labels
    network = build_network(recipe, len(labels))
    start_from(network, recipe.architecture, recipe.weights, REPOSITORY)
    save_weights(path, network_arrays(network))
    return path.resolve()


def _side(framework: Framework, options: argparse.Namespace, changes: list[str], out: Path) -> Side:
    """Train, release and export with one framework."""
    run, models = out / framework, out / f"{framework}-models"
    say(f"== {framework}")
    where = ("--config", options.config, "--data", options.data)
    words = [word for change in changes for word in ("--set", change)]
    cost = run_program("train", *where, "--framework", framework, "--run", run, *words)
    run_program(
        "release",
        "--run",
        run,
        "--framework",
        framework,
        "--data",
        options.data,
        "--models",
        models,
    )
    (folder,) = (path.parent for path in models.glob("*/*/model.json"))
    graph = out / _FORMS[framework]
    run_program("export", _FORMS[framework], "--model-dir", folder, "--out", graph)
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    history = [json.loads(line) for line in lines]
    return Side(
        best_accuracy=max(line["accuracy"] for line in history),
        # The first epoch compiles and reads; with one epoch there is nothing else to tell.
        seconds_an_epoch=median(line["seconds"] for line in history[1:] or history),
        cpu_seconds=cost.cpu_seconds,
        peak_megabytes=cost.peak_bytes / 1e6,
        file_megabytes=_size(graph) / 1e6,
        history=history,
    )


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.compare", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="recipe, a YAML file")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data set")
    parser.add_argument("--out", type=Path, help="folder; default training/runs/compare-<name>")
    parser.add_argument("--epochs", type=int, help="epochs of the first phase alone; default: all")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="as for train"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
