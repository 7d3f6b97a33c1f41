"""Starts every program, and lets one at a time run."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mien_bench.errors import BenchError
from mien_bench.rivals.processes import free_port, freeze, started, thaw, wait_until_ready
from mien_bench.rivals.programs import TOOLS, Files, baseline, is_installed
from mien_bench.rivals.systems import MIEN, MODEL, System
from mien_models import load_registry
from mien_stack.beside import running, settings_on_free_ports
from mien_stack.settings import StackSettings
from mien_stack.usage import memory_mib

# What a request passes through, besides the model server.
_ON_THE_WAY = ("gateway", "face-detector", "redis")
_MODEL_SERVERS = {"pytorch": "torchserve", "tensorflow": "tensorflow"}


@dataclass(frozen=True, slots=True)
class Running:
    """A program that runs, or would if it were not frozen."""

    url: str
    pids: Mapping[str, int]
    """By part; a baseline has one."""
    ready_seconds: float

    def memory_mib(self, system: System) -> float:
        """Return the memory of the parts that the system's requests pass through."""
        framework = system.name.rpartition("-")[2]
        server = _MODEL_SERVERS.get(framework, _MODEL_SERVERS["pytorch"])
        parts = {*_ON_THE_WAY, server} if len(self.pids) > 1 else set(self.pids)
        return sum(memory_mib(pid) for part, pid in self.pids.items() if part in parts)


@contextmanager
def everything(
    systems: Sequence[System], folder: Path, yunet_dir: Path, console: Console
) -> Iterator[dict[str, Running]]:
    """Give what runs, by program, each of them frozen.

    Args:
        systems: what will be asked.
        folder: for logs and for what runs.
        yunet_dir: the folder that holds YuNet's file.
        console: is told what becomes ready.

    Raises:
        BenchError: the baselines' packages are not installed, or one does not start.
        StackError: Mien does not start.
    """
    others = [name for name in dict.fromkeys(one.program for one in systems) if name != MIEN]
    if others and not is_installed():
        message = f"{TOOLS} is not there: make build/tools/baselines/.installed"
        raise BenchError(message)
    with ExitStack() as stack:
        settings = settings_on_free_ports(folder / "mien")
        programs = {MIEN: _mien(stack, settings, yunet_dir, console)}
        freeze(programs[MIEN].pids.values())
        files = _files(settings, folder, yunet_dir)
        for name in others:
            programs[name] = _baseline(stack, name, files, folder / f"{name}.log")
            console.print(f"  {name} is ready after {programs[name].ready_seconds:.1f} s")
            freeze(programs[name].pids.values())
        yield programs


def _mien(stack: ExitStack, settings: StackSettings, yunet_dir: Path, console: Console) -> Running:
    environment = {"MIEN_DETECTOR_DETECTOR": "yunet", "MIEN_DETECTOR_MODEL_DIR": str(yunet_dir)}
    pids = stack.enter_context(running(settings, console, environment))
    # Frozen processes would not hear that they are to stop.
    stack.callback(thaw, pids.values())
    return Running(settings.rest_url, pids, 0.0)


def _baseline(stack: ExitStack, name: str, files: Files, log: Path) -> Running:
    port = free_port()
    program = baseline(name, port, files)
    pid = stack.enter_context(started(program, log))
    seconds = wait_until_ready(program, port, pid, log)
    return Running(f"http://127.0.0.1:{port}", {name: pid}, seconds)


def _files(settings: StackSettings, folder: Path, yunet_dir: Path) -> Files:
    """Take the TorchScript out of TorchServe's archive: the very file that Mien serves."""
    archive = settings.model_store / "torchserve" / f"{MODEL}-pytorch.mar"
    with zipfile.ZipFile(archive) as archived:
        torchscript = Path(archived.extract("model.pt", folder))
    models = {model.name: model for model in load_registry(settings.registry).models}
    return Files(torchscript, models[MODEL].directory, yunet_dir)
