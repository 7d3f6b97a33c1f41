"""Brings the system up, and down again."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from mien_stack import page, preflight, ready, sample_photo, store
from mien_stack.errors import PageError, PreflightError
from mien_stack.processes import addresses, processes
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Supervisor

_PAGE_IS_IN = ["gateway"]


def up(settings: StackSettings, supervisor: Supervisor, console: Console) -> None:
    """Build, start, wait, and show the sample photo's faces.

    Raises StackError, with nothing left running, when a part does not start. A system that
    ran before is left running.
    """
    with _alone(settings.run_dir):
        _up(settings, supervisor, console)


def _up(settings: StackSettings, supervisor: Supervisor, console: Console) -> None:
    if supervisor.is_running() and _still_right(settings, supervisor, console):
        _greet(settings, console)
        return
    # An orphan of a killed supervisor would hold a port or an old model.
    supervisor.stop()
    preflight.check(settings)
    console.print("Building the model store")
    store.build(settings)
    _build_page(settings, console)
    wanted = processes(settings)
    try:
        console.print(f"Starting {', '.join(process.name for process in wanted)}")
        supervisor.start(wanted)
        ready.wait(settings, supervisor, console)
        _greet(settings, console)
    except BaseException:
        console.print("Stopping what was started")
        supervisor.stop()
        raise


def down(supervisor: Supervisor, console: Console) -> None:
    """Stop everything; says so when nothing ran."""
    with _alone(supervisor.run_dir):
        was_running = supervisor.is_running()
        supervisor.stop()
    console.print("Stopped." if was_running else "Nothing was running.")


@contextmanager
def _alone(run_dir: Path) -> Iterator[None]:
    """Two at a time would stop each other's processes."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another `make up` or `make down` is at work in {run_dir}: wait for it"
            raise PreflightError(message) from error
        yield


def _still_right(settings: StackSettings, supervisor: Supervisor, console: Console) -> bool:
    """Whether the running system is the wanted one; what had stopped is started."""
    store.build(settings)
    _build_page(settings, console)
    wanted = processes(settings)
    if not supervisor.runs_exactly(wanted):
        if supervisor.differing(wanted) != _PAGE_IS_IN:
            console.print("The settings or the models changed: restarting")
            return False
        console.print("The page or the gateway's settings changed: restarting the gateway")
        supervisor.replace(wanted, _PAGE_IS_IN)
    restarted = supervisor.start_stopped()
    console.print(f"Already running{': restarted ' + ', '.join(restarted) if restarted else '.'}")
    ready.wait(settings, supervisor, console)
    return True


def _build_page(settings: StackSettings, console: Console) -> None:
    """Build it where it is out of date; without a page all else works, so no failure ends this."""
    workshop = page.Workshop()
    if settings.page_dir != workshop.page:
        return  # somebody's own, which is theirs to build
    try:
        page.build(console, workshop)
    except PageError as error:
        how = (
            "with the page that was built before"
            if page.is_in(workshop.page)
            else "without the web page"
        )
        console.print(f"Going on {how}: {error} (`make page` tries again)")


def _greet(settings: StackSettings, console: Console) -> None:
    sample_photo.show(sample_photo.analyze_with_every_model(settings.rest_url), console)
    if page.is_in(settings.page_dir):
        console.print(f"[bold]Open {settings.rest_url}[/bold]")
    for name, address in addresses(settings).items():
        console.print(f"{name:>13}  {address}")
    console.print(f"The calls are described at {settings.rest_url}/docs; stop with `make down`.")
