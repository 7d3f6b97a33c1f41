"""Joins requests into batches.

There are no threads of its own: the first request of a batch computes it for all, in its own
thread, and the others wait. That spares the single caller two thread switches, and while all
the batch threads' places are taken, whatever arrives gathers in the next batch by itself. A first
request whose deadline passes before it has a place leaves the batch to another one in it.
"""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien_tf_serving.batching_parameters import BatchingParameters
from mien_tf_serving.errors import (
    DeadlineExpired,
    FailedPrecondition,
    Failure,
    InvalidArgument,
    Overloaded,
    ServingError,
)

Array = np.ndarray[Any, Any]
Runner = Callable[[Sequence[Array]], list[Array]]

# Longer than any batch takes; reached only when the computation hangs.
_PATIENCE_SECONDS = 120.0


def _always() -> bool:
    return True


@dataclass(eq=False)
class _Task:
    """One request's rows, on their way through a batch."""

    inputs: Sequence[Array]
    rows: int
    deadline: float | None
    is_active: Callable[[], bool]
    leads: bool = False
    """Whether it computes its batch."""
    left: bool = False
    """Whether it does not wait any more, and so cannot be told to lead."""
    woken: threading.Event = field(default_factory=threading.Event)
    outputs: list[Array] | None = None
    error: ServingError | None = None

    def remaining_seconds(self) -> float:
        if self.deadline is None:
            return _PATIENCE_SECONDS
        return min(max(self.deadline - time.monotonic(), 0.0), _PATIENCE_SECONDS)

    def result(self) -> list[Array]:
        if self.outputs is not None:
            return self.outputs
        if self.error is None and not self.remaining_seconds():
            message = "Deadline exceeded while the request waited in a batch"
            raise DeadlineExpired(message)
        raise self.error or Failure("The batch ended without a result")


@dataclass(eq=False)
class _Batch:
    """Requests that will be computed together."""

    queue: Hashable
    tasks: list[_Task] = field(default_factory=list)
    rows: int = 0
    closed: threading.Event = field(default_factory=threading.Event)

    def add(self, task: _Task) -> None:
        self.tasks.append(task)
        self.rows += task.rows


class BatchScheduler:
    """Joins requests of one queue and key, and bounds how many batches wait and run."""

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._places = threading.Semaphore(parameters.num_batch_threads)
        self._lock = threading.Lock()
        self._open: dict[tuple[Hashable, Hashable], _Batch] = {}
        self._waiting: dict[Hashable, list[_Batch]] = {}

    def run(
        self,
        runner: Runner,
        inputs: Sequence[Array],
        *,
        queue: Hashable,
        key: Hashable,
        deadline: float | None = None,
        is_active: Callable[[], bool] = _always,
    ) -> list[Array]:
        """Return what ``runner`` makes of ``inputs``, computed with others of the same key.

        Args:
            runner: computes any number of rows.
            inputs: arrays whose first dimensions are equal, of the dtypes and shapes in ``key``.
            queue: the model version; its waiting batches are bounded.
            key: what requests must share to be joined.
            deadline: in seconds of the monotonic clock.
            is_active: whether anybody waits for the answer; asked before the batch is computed.

        Raises:
            InvalidArgument: more rows than the largest batch.
            Overloaded: too many batches wait already.
            DeadlineExpired: the deadline passed before the batch began, or while it ran.
            ServingError: what the runner raised.
        """
        task = _Task(inputs, _rows(inputs), deadline, is_active)
        if task.rows == 0:
            return runner(inputs)
        batch = self._enqueue(task, queue, key)
        if not task.leads:
            task.woken.wait(task.remaining_seconds())
        with self._lock:
            task.left = not task.leads
        if task.leads:
            self._lead(task, batch, key, runner)
        return task.result()

    def waiting_rows(self, queue: Hashable) -> int:
        """Return how many rows of a model version wait for a place."""
        with self._lock:
            return sum(batch.rows for batch in self._waiting.get(queue, ()))

    def _enqueue(self, task: _Task, queue: Hashable, key: Hashable) -> _Batch:
        largest = self._parameters.max_batch_size
        if task.rows > largest:
            message = f"Task size {task.rows} is larger than maximum input batch size {largest}"
            raise InvalidArgument(message)
        with self._lock:
            batch = self._open.get((queue, key))
            if batch is not None and batch.rows + task.rows <= largest:
                batch.add(task)
                if batch.rows == largest:
                    self._close(batch, key)
                return batch
            self._refuse_when_full(queue)
            if batch is not None:
                self._close(batch, key)
            batch = _Batch(queue)
            batch.add(task)
            task.leads = True
            self._waiting.setdefault(queue, []).append(batch)
            if batch.rows < largest:
                self._open[queue, key] = batch
            else:
                batch.closed.set()
            return batch

    def _refuse_when_full(self, queue: Hashable) -> None:
        waiting = len(self._waiting.get(queue, ()))
        if waiting >= self._parameters.max_enqueued_batches:
            message = (
                "The batch scheduling queue to which this task was submitted is full; currently "
                f"{waiting} batches enqueued and max_enqueued_batches is "
                f"{self._parameters.max_enqueued_batches}"
            )
            raise Overloaded(message)

    def _close(self, batch: _Batch, key: Hashable) -> None:
        """Let nothing more join; the caller holds the lock."""
        batch.closed.set()
        if self._open.get((batch.queue, key)) is batch:
            del self._open[batch.queue, key]

    def _forget(self, batch: _Batch) -> None:
        """Take a batch out of its queue, and an empty queue out of the books."""
        self._waiting[batch.queue].remove(batch)
        if not self._waiting[batch.queue]:
            del self._waiting[batch.queue]

    def _lead(self, task: _Task, batch: _Batch, key: Hashable, runner: Runner) -> None:
        """Wait for company and for a place, compute the batch, and hand out the results."""
        timeout = self._parameters.batch_timeout_micros / 1e6
        if timeout > 0 and task is batch.tasks[0]:
            batch.closed.wait(min(timeout, task.remaining_seconds()))
        if not self._places.acquire(timeout=task.remaining_seconds()):
            self._pass_on(task, batch, key)
            return
        try:
            with self._lock:
                self._close(batch, key)
                self._forget(batch)
            self._compute(batch, runner)
        finally:
            self._places.release()
            for one in batch.tasks:
                one.woken.set()

    def _pass_on(self, task: _Task, batch: _Batch, key: Hashable) -> None:
        """Let another request of the batch lead it; without one, nobody waits for the batch."""
        with self._lock:
            task.left = True
            for other in batch.tasks:
                if not other.left:
                    other.leads = True
                    other.woken.set()
                    return
            self._close(batch, key)
            self._forget(batch)

    def _compute(self, batch: _Batch, runner: Runner) -> None:
        tasks = [task for task in batch.tasks if _is_wanted(task)]
        if not tasks:
            return
        try:
            self._run_joined(tasks, runner)
        except ServingError as error:
            for task in tasks:
                task.error = error

    def _run_joined(self, tasks: list[_Task], runner: Runner) -> None:
        rows = sum(task.rows for task in tasks)
        padding = self._parameters.padded_size(rows) - rows
        columns = zip(*(task.inputs for task in tasks), strict=True)
        outputs = runner([_joined(parts, padding) for parts in columns])
        for output in outputs:
            _check_rows(output, rows + padding)
        start = 0
        for task in tasks:
            task.outputs = [output[start : start + task.rows] for output in outputs]
            start += task.rows


def _rows(inputs: Sequence[Array]) -> int:
    if not inputs:
        message = "Batching Run() must have at least one input tensor"
        raise InvalidArgument(message)
    if any(array.ndim == 0 for array in inputs):
        message = "Batching Run() input tensors must have at least one dimension"
        raise InvalidArgument(message)
    rows = {array.shape[0] for array in inputs}
    if len(rows) > 1:
        message = "Batching Run() input tensors must have equal 0th-dimension size"
        raise InvalidArgument(message)
    return int(rows.pop())


def _is_wanted(task: _Task) -> bool:
    wanted = task.remaining_seconds() > 0 and task.is_active()
    if not wanted:
        task.error = DeadlineExpired("Nobody waits for the request any more")
    return wanted


def _joined(parts: Sequence[Array], padding: int) -> Array:
    if padding:
        # Rows that are thrown away afterwards; copies are sure to be valid input.
        parts = [*parts, np.repeat(parts[0][:1], padding, axis=0)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _check_rows(output: Array, rows: int) -> None:
    if output.ndim == 0:
        message = "Batched output tensor has 0 dimensions"
        raise FailedPrecondition(message)
    if output.shape[0] != rows:
        message = (
            "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension "
            "sizes of the input tensors"
        )
        raise FailedPrecondition(message)
