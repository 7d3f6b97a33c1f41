"""Services as they are really started: a process and an environment each."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

START_SECONDS = 30


class Service:
    """A process whose log is read all the time: it would wait for a reader who does not."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.entry: dict[str, Any] = {}
        """The log entry by which it said that it serves."""
        self.log: list[dict[str, Any]] = []
        self.noise: list[str] = []
        """What libraries write between the entries."""
        self._reading = asyncio.create_task(self._read())

    async def until(self, event: str) -> None:
        """Wait until it logs the event."""
        async with asyncio.timeout(START_SECONDS):
            while not self.entry:
                self.entry = next((one for one in self.log if one["event"] == event), {})
                assert self.entry or not self._reading.done(), self.noise
                await asyncio.sleep(0.01)

    async def stop(self) -> list[dict[str, Any]]:
        """Ask it to stop, and return all that it logged."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self._reading, START_SECONDS)
        await asyncio.wait_for(self.process.wait(), START_SECONDS)
        return self.log

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            if line.startswith(b"{"):
                self.log.append(json.loads(line))
            else:
                self.noise.append(line.decode(errors="replace"))


@asynccontextmanager
async def started(module: str, event: str, environment: dict[str, str]) -> AsyncIterator[Service]:
    """Start `python -m module` and yield it once it logged the event."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env=os.environ | environment, stderr=PIPE
    )
    service = Service(process)
    try:
        await service.until(event)
        yield service
    finally:
        await service.stop()
