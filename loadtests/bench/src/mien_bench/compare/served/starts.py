"""Each model server from nothing to its first answer, alone on the machine."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from mien_bench.compare.faces import faces
from mien_bench.compare.pairs import Pair
from mien_bench.compare.plan import Way
from mien_bench.compare.rows import COLD_START, MEMORY_FRESH, Fact
from mien_bench.compare.served.clients import opened, refusal
from mien_bench.compare.served.slices import SERVERS
from mien_bench.compare.threads import with_equal_threads
from mien_bench.errors import BenchError
from mien_capacity.measure.startup import started
from mien_models.registry import Framework
from mien_stack.processes import processes
from mien_stack.settings import StackSettings
from mien_stack.usage import memory_mib

_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.05


def cold_start(
    framework: Framework, pairs: Sequence[Pair], settings: StackSettings, number: int
) -> Iterator[Fact]:
    """Yield how long it takes until every model that is compared has answered, and the memory.

    Raises:
        BenchError: the server does not start.
    """
    (process,) = (one for one in processes(settings) if one.name == SERVERS[framework])
    process = with_equal_threads(process, settings, pairs[0])
    began = time.perf_counter()
    with started(process, settings) as running:
        asyncio.run(_answers(framework, pairs, settings, running))
        seconds = time.perf_counter() - began
        memory = memory_mib(running.pid)
    yield Fact("", framework, COLD_START, number, seconds, "s")
    yield Fact("", framework, MEMORY_FRESH, number, memory, "MiB")


async def _answers(
    framework: Framework,
    pairs: Sequence[Pair],
    settings: StackSettings,
    running: subprocess.Popen[bytes],
) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    # A channel would wait longer and longer between its attempts to connect.
    while not _listens(settings, framework):
        await _wait(running, deadline, settings)
    async with opened(settings) as clients:
        for pair in pairs:
            ask = clients.ask(Way.SERVER, pair.twin(framework))
            while await refusal(ask, faces(1, pair.model.input, seed=0).tobytes()):
                await _wait(running, deadline, settings)


async def _wait(running: subprocess.Popen[bytes], deadline: float, settings: StackSettings) -> None:
    if running.poll() is not None or time.monotonic() > deadline:
        message = f"a model server does not start alone: see the logs in {settings.run_dir}"
        raise BenchError(message)
    await asyncio.sleep(_POLL_SECONDS)


def _listens(settings: StackSettings, framework: Framework) -> bool:
    is_torch = framework is Framework.PYTORCH
    port = settings.torchserve_port if is_torch else settings.tensorflow_port
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
