"""Tells what runs, where, since when and with how much memory."""

import psutil
from rich.console import Console
from rich.table import Table

from mien_stack.errors import StackError
from mien_stack.processes import addresses
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Supervisor


def show(settings: StackSettings, supervisor: Supervisor, console: Console) -> None:
    """Print one row per process; raises StackError when nothing runs."""
    if not supervisor.is_running():
        message = "nothing runs: start it with `make up`"
        raise StackError(message)
    table = Table()
    for heading in ("process", "state", "pid", "up for", "memory"):
        table.add_column(heading, no_wrap=True)
    table.add_column("address")
    where = addresses(settings)
    for state in supervisor.states():
        table.add_row(
            state.name,
            state.state,
            str(state.pid or "-"),
            f"{state.uptime_seconds:.0f} s",
            f"{resident_bytes(state.pid) / 1e6:.0f} MB" if state.pid else "-",
            where[state.name],
        )
    console.print(table)


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its children; 0 when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)
    except psutil.NoSuchProcess:
        return 0
