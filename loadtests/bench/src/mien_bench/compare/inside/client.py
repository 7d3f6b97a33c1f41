"""Starts the program with a framework, and asks it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mien_bench.compare.inside.messages import First, Ran, Ready, Run
from mien_bench.compare.pairs import PYTORCH, Pair
from mien_bench.compare.plan import INSIDE, Cell
from mien_bench.compare.turns import Slice
from mien_bench.errors import BenchError
from mien_models.registry import Framework
from mien_stack.settings import StackSettings

_PATIENCE_SECONDS = 120.0
_LINE_BYTES = 2**24
THREADS = 1


@dataclass(frozen=True, slots=True)
class Inside:
    """A running program; `first` tells of the first call of each way."""

    process: asyncio.subprocess.Process
    log: Path
    ready: Ready
    first: Sequence[First]

    async def slice(self, cell: Cell, seconds: float) -> Slice:
        """Let it call one way for a while."""
        asked = Run(cell.way.value, cell.batch, seconds)
        writer = self.process.stdin
        if writer is None:
            message = "the program was started without an input"
            raise BenchError(message)
        writer.write((json.dumps(asdict(asked)) + "\n").encode())
        ran = Ran(**await _line(self.process, self.log))
        return Slice(ran.latencies, ran.seconds, (), ran.cpu_seconds)


@asynccontextmanager
async def started(
    pair: Pair, framework: Framework, settings: StackSettings, batches: Sequence[int]
) -> AsyncIterator[Inside]:
    """Start it, wait until every way was called once, and end it afterwards.

    Raises:
        BenchError: it does not start, with the end of what it said.
    """
    log = settings.run_dir / f"inside-{pair.name}-{framework}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *_command(pair, framework, settings, batches),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=said,
            limit=_LINE_BYTES,
            env=os.environ | {"OMP_NUM_THREADS": str(THREADS), "TF_CPP_MIN_LOG_LEVEL": "2"},
            # An interrupt is for the measuring program, which then ends this one.
            start_new_session=True,
        )
    try:
        ready = Ready(**await _line(process, log))
        first = [First(**await _line(process, log)) for _ in INSIDE]
        await _line(process, log)
        yield Inside(process, log, ready, first)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _command(
    pair: Pair, framework: Framework, settings: StackSettings, batches: Sequence[int]
) -> list[str]:
    return [
        *(sys.executable, "-m", "mien_bench.compare.inside"),
        *("--framework", framework.value, "--model", pair.name),
        *("--registry", str(settings.registry)),
        *("--exported", str(exported(pair, framework, settings))),
        *("--threads", str(THREADS), "--batches", *map(str, batches)),
    ]


def exported(pair: Pair, framework: Framework, settings: StackSettings) -> Path:
    """Return what the model server was given: the archive's file or the SavedModel's folder."""
    twin, store = pair.twin(framework), settings.model_store
    if framework is PYTORCH:
        return store / "torchserve" / f"{twin.name}.mar"
    return store / "tensorflow" / twin.name / str(pair.model.version)


async def _line(process: asyncio.subprocess.Process, log: Path) -> dict[str, Any]:
    reader = process.stdout
    line = b"" if reader is None else await asyncio.wait_for(reader.readline(), _PATIENCE_SECONDS)
    if not line:
        raise BenchError(_last_words(log))
    answer: dict[str, Any] = json.loads(line)
    return answer


def _last_words(log: Path) -> str:
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    return f"the program with the framework ended; it last said:\n{tail}"
