"""What the program with a framework does, once the framework is imported."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO

import numpy as np

from mien_bench.compare.faces import Faces, checked_faces, messages
from mien_bench.compare.inside.keras_ways import Call
from mien_bench.compare.inside.messages import First, Ran, Run
from mien_bench.compare.plan import Way
from mien_models.registry import InputShape

_WARM_UP_CALLS = 3


@dataclass(frozen=True, slots=True)
class Program:
    """The ways of one framework, and the two ends of the conversation."""

    makers: Mapping[Way, Callable[[], Call]]
    shape: InputShape
    batches: Sequence[int]
    asked: IO[str]
    answers: IO[str]

    def run(self) -> None:
        """Tell of the first calls, then measure what is asked for until nobody asks any more."""
        calls = {way: self._first(way, make) for way, make in self.makers.items()}
        for call in calls.values():
            for batch in self.batches:
                for message in self._inputs(batch, _WARM_UP_CALLS):
                    call(message)
        self.say({})
        for line in self.asked:
            asked = Run(**json.loads(line))
            self.say(asdict(self._measured(calls[Way(asked.way)], asked)))

    def say(self, answer: Mapping[str, object]) -> None:
        """Send one line."""
        self.answers.write(json.dumps(answer) + "\n")
        self.answers.flush()

    def _first(self, way: Way, make: Callable[[], Call]) -> Call:
        began = time.perf_counter()
        call = make()
        loaded = time.perf_counter()
        checked = checked_faces(self.shape)
        found = [call(checked[:1])]
        answered = time.perf_counter()
        found.append(call(checked[1:]))
        first = First(
            way.value,
            load_seconds=loaded - began,
            first_ms=1000 * (answered - loaded),
            probabilities=np.concatenate(found).tolist(),
        )
        self.say(asdict(first))
        return call

    def _measured(self, call: Call, asked: Run) -> Ran:
        inputs = self._inputs(asked.batch)
        latencies: list[float] = []
        spent = cpu = 0.0
        # What counts is the calls alone: a server's faces are not made by the server either.
        while spent < asked.seconds:
            message = next(inputs)
            began, cpu_began = time.perf_counter(), time.process_time()
            call(message)
            cpu += time.process_time() - cpu_began
            latencies.append(time.perf_counter() - began)
            spent += latencies[-1]
        return Ran(latencies, spent, cpu)

    def _inputs(self, batch: int, count: int | None = None) -> Iterator[Faces]:
        shape = (batch, self.shape.height, self.shape.width, self.shape.channels)
        for number, message in enumerate(messages(batch, self.shape)):
            if count is not None and number >= count:
                return
            # A copy, because an array over bytes cannot be written, of which PyTorch warns.
            yield np.frombuffer(message, np.uint8).reshape(shape).copy()
