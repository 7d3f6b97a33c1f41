"""Waits until every part is ready, and says which one it waits for."""

import time
from typing import Any

import httpx
from rich.console import Console

from mien_stack.errors import StartError
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Supervisor

POLL_SECONDS = 0.2
ANSWER_SECONDS = 3
LOG_LINES = 10
STILL_WAITING_SECONDS = 10


def wait(settings: StackSettings, supervisor: Supervisor, console: Console) -> None:
    """Return when the gateway finds every part and every model up.

    Raises StartError, with the end of the log, when a process keeps dying or time is up.
    """
    begin = said = time.monotonic()
    ready: set[str] = set()
    with httpx.Client(base_url=settings.rest_url, timeout=ANSWER_SECONDS) as client:
        while True:
            states = _states(client)
            elapsed = time.monotonic() - begin
            for part in sorted(part for part, up in states.items() if up and part not in ready):
                console.print(f"  {part} is ready after {elapsed:.1f} s")
                ready.add(part)
                said = time.monotonic()
            waiting = [part for part, up in states.items() if not up]
            if not waiting:
                return
            _refuse_dead(supervisor)
            if elapsed > settings.ready_timeout_seconds:
                message = (
                    f"{', '.join(waiting)} did not become ready within {elapsed:.0f} s: "
                    f"see the logs in {supervisor.logs}"
                )
                raise StartError(message)
            if time.monotonic() - said > STILL_WAITING_SECONDS:
                console.print(f"  ... waiting for {', '.join(waiting)} ({elapsed:.0f} s)")
                said = time.monotonic()
            time.sleep(POLL_SECONDS)


def _states(client: httpx.Client) -> dict[str, bool]:
    """Each part and each model, and whether it is up, as the gateway sees it."""
    try:
        report: dict[str, Any] = client.get("/readyz").json()
    except (httpx.HTTPError, ValueError):
        return {"gateway": False}
    parts = {part: state != "down" for part, state in report["parts"].items()}
    return {"gateway": True, **parts, **report["models"]}


def _refuse_dead(supervisor: Supervisor) -> None:
    for state in supervisor.states():
        # BACKOFF: it ended at once and is about to be tried again, in vain as a rule.
        if state.state in {"BACKOFF", "FATAL"}:
            log = supervisor.log_of(state.name)
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            tail = "\n".join(lines[-LOG_LINES:])
            message = f"{state.name} does not start; the end of {log}:\n{tail}"
            raise StartError(message)
