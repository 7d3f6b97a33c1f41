"""A system beside any that runs already: on ports of its own, started as `make up` starts it."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from mien_stack import ready, store
from mien_stack.errors import StartError
from mien_stack.processes import processes
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Process, Supervisor

# A busy machine may stall longer than callers should wait for a cache.
_PATIENCE = {"MIEN_GATEWAY_REDIS_TIMEOUT_SECONDS": "0.5"}


def settings_on_free_ports(run_dir: Path) -> StackSettings:
    """Return settings that disturb nobody."""
    names = list(StackSettings().ports())
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = {name: each.getsockname()[1] for name, each in zip(names, held, strict=True)}
    return StackSettings.model_validate({"run_dir": run_dir, **ports})


@contextmanager
def running(
    settings: StackSettings,
    console: Console,
    environment: Mapping[str, str] | None = None,
    change: Callable[[Process], Process] = lambda process: process,
) -> Iterator[dict[str, int]]:
    """Give every part's process id while the system runs.

    Args:
        settings: where it runs.
        console: is told what becomes ready.
        environment: settings of the parts, such as `MIEN_DETECTOR_WORKERS`.
        change: is given every part, once the model store is built, and returns what is started.

    Raises:
        StackError: the system cannot be started, or a part of it ended meanwhile.
    """
    os.environ.update(_PATIENCE | dict(environment or {}))
    store.build(settings)
    supervisor = Supervisor(settings.run_dir)
    try:
        supervisor.start([change(process) for process in processes(settings)])
        ready.wait(settings, supervisor, console)
        yield {state.name: state.pid for state in supervisor.states()}
        if dead := [state.name for state in supervisor.states() if not state.pid]:
            message = f"{', '.join(dead)} ended meanwhile: see {supervisor.logs}"
            raise StartError(message)
    finally:
        supervisor.stop()
