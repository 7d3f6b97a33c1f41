"""From nothing to a served model: train, measure, export and serve what a program has drawn."""

import json
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

from rich.console import Console

from mien_stack import up
from mien_stack.errors import DemoError
from mien_stack.settings import ROOT, StackSettings
from mien_stack.supervisor import Supervisor

TIMEOUT_SECONDS = 300
FOLDER = ROOT / "build" / "demo"
# Each framework trains one; both are then served by both.
_TRAINED_WITH = {"drawn-cnn3": "tensorflow", "drawn-cnn4": "pytorch"}
_FRAMEWORKS = ("pytorch", "tensorflow")


def demo(console: Console, folder: Path = FOLDER) -> None:
    """Make two models out of drawn faces and serve them, beside whatever runs already.

    Raises:
        DemoError: a program failed; the sentence holds what it said.
        StackError: the system did not start.
    """
    began = monotonic()
    for made in ("models", "runs"):
        shutil.rmtree(folder / made, ignore_errors=True)
    for model, framework in _TRAINED_WITH.items():
        _make(model, framework, folder, console)
    settings = _settings(folder)
    supervisor = Supervisor(settings.run_dir)
    try:
        up.up(settings, supervisor, console)
    finally:
        up.down(supervisor, console)
    took = monotonic() - began
    console.print(
        f"Trained, measured, exported and served in {took:.0f} s; the system above no longer runs, "
        f"`make up` starts the one with the shipped models. What was made is in {folder}; "
        "the reports are in its runs/*/report-*/report.html. Cartoons teach nothing about people."
    )


def _make(model: str, framework: str, folder: Path, console: Console) -> None:
    run, models = folder / "runs" / model, folder / "models"
    config = ROOT / "training" / "configs" / f"{model}.yaml"
    console.rule(f"{model}: two epochs with {framework}")
    chosen = ("--config", config, "--framework", framework, "--run", run)
    _program("train", *chosen, console=console, shown=True)
    _program("release", "--run", run, "--models", models, console=console)
    for twin in _FRAMEWORKS:
        measured = ("--model", model, "--framework", twin, "--models", models)
        _program("evaluate", *measured, "--kept", folder / "runs", console=console)
        report = folder / "runs" / model / f"report-{twin}" / "report.json"
        accuracy = json.loads(report.read_text(encoding="utf-8"))["accuracy"]
        console.print(f"{model}-{twin}: {accuracy:.1%} of the drawn validation faces")


def _program(name: str, *options: str | Path, console: Console, shown: bool = False) -> None:
    """Run a program of the training package; its words are shown, or kept for an error."""
    arguments = [str(option) for option in options]
    console.print(f"mien_training.{name} {' '.join(arguments)}", style="dim", soft_wrap=True)
    command = [sys.executable, "-m", f"mien_training.{name}", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command,
            check=False,
            timeout=TIMEOUT_SECONDS,
            stdout=None if shown else subprocess.DEVNULL,
            # Shown only on failure: the frameworks write a page of it when all is well.
            stderr=subprocess.PIPE,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        message = f"mien_training.{name} took longer than {TIMEOUT_SECONDS} s"
        raise DemoError(message) from error
    if done.returncode != 0:
        message = f"mien_training.{name} failed:\n{done.stderr.strip()}"
        raise DemoError(message)


def _settings(folder: Path) -> StackSettings:
    """Return settings of a system out of everybody's way: own folders, free ports."""
    names = list(StackSettings().ports())
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = {name: one.getsockname()[1] for name, one in zip(names, held, strict=True)}
    return StackSettings.model_validate(
        {
            **ports,
            "run_dir": folder / "run",
            "model_store": folder / "model-store",
            "registry": folder / "models" / "registry.yaml",
        }
    )
