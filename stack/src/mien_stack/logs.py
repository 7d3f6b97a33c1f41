"""Shows the processes' logs."""

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

POLL_SECONDS = 0.3
COLOURS = ("cyan", "green", "magenta", "yellow", "blue")


def show(logs: Path, names: list[str], lines: int, *, follow: bool, console: Console) -> None:
    """Print the last lines of each log, then, if asked, what is added until interrupted."""
    paths = {path.stem: path for path in sorted(logs.glob("*.log"))}
    chosen = {name: path for name, path in paths.items() if not names or name in names}
    positions: dict[str, int] = {}
    for name, path in chosen.items():
        with path.open(errors="replace") as file:
            for line in deque(file, maxlen=lines):
                _print(console, name, list(chosen), line)
            positions[name] = file.tell()
    while follow:
        for name, path in chosen.items():
            for line in _added(path, name, positions):
                _print(console, name, list(chosen), line)
        time.sleep(POLL_SECONDS)


def _added(path: Path, name: str, positions: dict[str, int]) -> Iterator[str]:
    if path.stat().st_size < positions[name]:
        positions[name] = 0  # the supervisor began a new file
    with path.open(errors="replace") as file:
        file.seek(positions[name])
        yield from file.readlines()
        positions[name] = file.tell()


def _print(console: Console, name: str, names: list[str], line: str) -> None:
    colour = COLOURS[names.index(name) % len(COLOURS)]
    prefix = Text(f"{name:>13} | ", style=colour)
    console.print(prefix + Text(line.rstrip("\n")), soft_wrap=True)
