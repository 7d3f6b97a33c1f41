"""Requests are joined, padded, split again, bounded, and dropped when nobody waits."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from mien_tf_serving.batching_parameters import BatchingParameters
from mien_tf_serving.embedded.batching import BatchScheduler
from mien_tf_serving.errors import (
    DeadlineExpired,
    FailedPrecondition,
    Failure,
    InvalidArgument,
    Overloaded,
)

Array = np.ndarray[Any, Any]


class Doubler:
    """Doubles its input, notes the sizes it was given, and waits until it may go on."""

    def __init__(self, *, may_run: bool = True) -> None:
        self.sizes: list[int] = []
        self.started = threading.Event()
        self.may_run = threading.Event()
        if may_run:
            self.may_run.set()

    def __call__(self, inputs: Sequence[Array]) -> list[Array]:
        """Double."""
        self.sizes.append(inputs[0].shape[0])
        self.started.set()
        assert self.may_run.wait(5)
        return [inputs[0] * 2]


def scheduler(**values: Any) -> BatchScheduler:
    return BatchScheduler(BatchingParameters(**({"num_batch_threads": 1} | values)))


def rows(*values: float) -> list[Array]:
    return [np.array(values, dtype=np.float32)]


def wait_for_rows(scheduler: BatchScheduler, count: int, queue: str = "m") -> None:
    """Wait until so many rows are queued behind the batch that runs."""
    give_up = time.monotonic() + 5
    while scheduler.waiting_rows(queue) != count:
        assert time.monotonic() < give_up
        time.sleep(0.001)


def test_a_single_request_is_computed_at_once() -> None:
    """With no timeout nothing waits for company."""
    doubler = Doubler()
    (output,) = scheduler().run(doubler, rows(1, 2), queue="m", key="k")
    assert output.tolist() == [2, 4]
    assert doubler.sizes == [2]


def test_what_arrives_while_a_batch_runs_is_joined() -> None:
    """Each caller gets its own rows back, in its own order."""
    doubler = Doubler(may_run=False)
    batches = scheduler()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batches.run, doubler, rows(0), queue="m", key="k")
        assert doubler.started.wait(5)
        others = [
            pool.submit(batches.run, doubler, rows(n, n + 10), queue="m", key="k")
            for n in range(1, 5)
        ]
        wait_for_rows(batches, 8)
        doubler.may_run.set()
        assert first.result(5)[0].tolist() == [0]
        for n, other in enumerate(others, start=1):
            assert other.result(5)[0].tolist() == [2 * n, 2 * (n + 10)]
    assert doubler.sizes == [1, 8]


def test_requests_of_another_key_are_not_joined() -> None:
    """Another signature or shape cannot share a tensor."""
    doubler = Doubler(may_run=False)
    batches = scheduler()
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batches.run, doubler, rows(0), queue="m", key="k")
        assert doubler.started.wait(5)
        for key in ("a", "b"):
            pool.submit(batches.run, doubler, rows(1), queue="m", key=key)
        wait_for_rows(batches, 2)
        doubler.may_run.set()
    assert doubler.sizes == [1, 1, 1]


def test_an_incomplete_batch_waits_for_company_as_long_as_told() -> None:
    """A second request within the timeout completes the batch, and nobody waits longer."""
    doubler = Doubler()
    batches = scheduler(max_batch_size=2, batch_timeout_micros=5_000_000)
    begin = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        pair = [pool.submit(batches.run, doubler, rows(n), queue="m", key="k") for n in (1, 2)]
        assert sorted(one.result(5)[0].item() for one in pair) == [2, 4]
    assert doubler.sizes == [2]
    assert time.monotonic() - begin < 4


def test_an_incomplete_batch_goes_when_the_timeout_is_over() -> None:
    """A lonely request is answered all the same."""
    doubler = Doubler()
    batches = scheduler(batch_timeout_micros=20_000)
    (output,) = batches.run(doubler, rows(3), queue="m", key="k")
    assert output.tolist() == [6]


def test_batches_are_padded_and_the_padding_is_cut_off() -> None:
    """The model sees an allowed size, the caller its own."""
    doubler = Doubler()
    batches = scheduler(max_batch_size=4, allowed_batch_sizes=(4,))
    (output,) = batches.run(doubler, rows(1, 2, 3), queue="m", key="k")
    assert output.tolist() == [2, 4, 6]
    assert doubler.sizes == [4]


def test_more_rows_than_the_largest_batch_are_refused() -> None:
    """As the real server does, rather than running them in another size."""
    with pytest.raises(InvalidArgument, match="Task size 3 is larger than maximum input batch"):
        scheduler(max_batch_size=2).run(Doubler(), rows(1, 2, 3), queue="m", key="k")


def test_a_full_queue_refuses_and_recovers() -> None:
    """Beyond the waiting batches allowed, callers learn at once that it is too much."""
    doubler = Doubler(may_run=False)
    batches = scheduler(max_batch_size=1, max_enqueued_batches=2)

    def submit(pool: ThreadPoolExecutor) -> Future[list[Array]]:
        return pool.submit(batches.run, doubler, rows(1), queue="m", key="k")

    with ThreadPoolExecutor(8) as pool:
        running = submit(pool)
        assert doubler.started.wait(5)
        waiting = [submit(pool), submit(pool)]
        wait_for_rows(batches, 2)
        with pytest.raises(Overloaded, match="max_enqueued_batches is 2"):
            submit(pool).result(5)
        doubler.may_run.set()
        assert all(one.result(5)[0].tolist() == [2] for one in [running, *waiting])
    batches.run(doubler, rows(1), queue="m", key="k")


def test_a_full_queue_of_one_model_does_not_refuse_another() -> None:
    """The bound is per model version."""
    doubler = Doubler(may_run=False)
    batches = scheduler(max_batch_size=1, max_enqueued_batches=1)
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batches.run, doubler, rows(1), queue="m", key="k")
        assert doubler.started.wait(5)
        pool.submit(batches.run, doubler, rows(1), queue="m", key="k")
        other = pool.submit(batches.run, doubler, rows(4), queue="other", key="k")
        wait_for_rows(batches, 1, "other")
        doubler.may_run.set()
        assert other.result(5)[0].tolist() == [8]


def test_a_request_whose_time_is_over_is_not_computed() -> None:
    """Nobody waits for the answer; the others in the batch get theirs."""
    doubler = Doubler(may_run=False)
    batches = scheduler()
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batches.run, doubler, rows(0), queue="m", key="k")
        assert doubler.started.wait(5)
        patient = pool.submit(batches.run, doubler, rows(1), queue="m", key="k")
        wait_for_rows(batches, 1)
        soon = time.monotonic() + 0.05
        hasty = pool.submit(batches.run, doubler, rows(2), queue="m", key="k", deadline=soon)
        with pytest.raises(DeadlineExpired):
            hasty.result(5)
        doubler.may_run.set()
        assert patient.result(5)[0].tolist() == [2]
    assert doubler.sizes == [1, 1]


def test_a_batch_that_nobody_waits_for_ends_with_its_deadline() -> None:
    """It holds neither its thread nor a place in the queue while another one is computed."""
    doubler = Doubler(may_run=False)
    batches = scheduler()
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batches.run, doubler, rows(0), queue="m", key="k")
        assert doubler.started.wait(5)
        soon = time.monotonic() + 0.05
        pair = [
            pool.submit(batches.run, doubler, rows(n), queue="m", key="k", deadline=soon)
            for n in (1, 2)
        ]
        for hasty in pair:
            with pytest.raises(DeadlineExpired):
                hasty.result(5)
        wait_for_rows(batches, 0)
        doubler.may_run.set()
    assert doubler.sizes == [1]


def test_a_first_request_whose_time_is_over_leaves_the_batch_to_the_next() -> None:
    """The others still wait for their answers, for as long as their own deadlines say."""
    doubler = Doubler(may_run=False)
    batches = scheduler()
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batches.run, doubler, rows(0), queue="m", key="k")
        assert doubler.started.wait(5)
        soon = time.monotonic() + 0.5
        hasty = pool.submit(batches.run, doubler, rows(1), queue="m", key="k", deadline=soon)
        wait_for_rows(batches, 1)
        patient = pool.submit(batches.run, doubler, rows(2, 3), queue="m", key="k")
        with pytest.raises(DeadlineExpired):
            hasty.result(5)
        doubler.may_run.set()
        assert patient.result(5)[0].tolist() == [4, 6]
    assert doubler.sizes == [1, 2]


def test_a_request_whose_caller_has_left_is_not_computed() -> None:
    """Whether it came first in its batch or not."""
    doubler = Doubler()
    batches = scheduler()
    with pytest.raises(DeadlineExpired):
        batches.run(doubler, rows(1), queue="m", key="k", is_active=lambda: False)
    assert doubler.sizes == []


def test_a_failure_reaches_everybody_in_the_batch_and_nobody_after() -> None:
    """The next batch begins anew."""
    batches = scheduler(max_batch_size=2, batch_timeout_micros=5_000_000)

    def fail(_: Sequence[Array]) -> list[Array]:
        message = "the model is tired"
        raise Failure(message)

    with ThreadPoolExecutor(2) as pool:
        pair = [pool.submit(batches.run, fail, rows(1), queue="m", key="k") for _ in range(2)]
        for one in pair:
            with pytest.raises(Failure, match="tired"):
                one.result(5)
    assert batches.run(Doubler(), rows(1, 2), queue="m", key="k")[0].tolist() == [2, 4]


def test_no_rows_are_answered_with_no_rows() -> None:
    """An empty request is computed as it is: there is nothing to join or to pad with."""
    batches = scheduler(max_batch_size=4, allowed_batch_sizes=(4,))
    (output,) = batches.run(Doubler(), rows(), queue="m", key="k")
    assert output.shape == (0,)


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ([], "at least one input tensor"),
        ([np.float32(1.0).reshape(())], "at least one dimension"),
        ([np.zeros(2), np.zeros(3)], "equal 0th-dimension size"),
    ],
)
def test_what_has_no_rows_cannot_be_batched(inputs: list[Array], complaint: str) -> None:
    """In the real server's words."""
    with pytest.raises(InvalidArgument, match=complaint):
        scheduler().run(Doubler(), inputs, queue="m", key="k")


@pytest.mark.parametrize(
    ("output", "complaint"),
    [(np.float32(1.0).reshape(()), "has 0 dimensions"), (np.zeros(5), "0th dimension does not")],
)
def test_an_output_without_rows_is_the_models_fault(output: Array, complaint: str) -> None:
    """Such a model was not built for batching, and says so."""
    with pytest.raises(FailedPrecondition, match=complaint):
        scheduler().run(lambda _: [output], rows(1, 2), queue="m", key="k")


def test_no_request_is_lost_under_load() -> None:
    """Many callers at once, each with rows of its own, all get exactly theirs."""
    batches = scheduler(
        num_batch_threads=2, max_batch_size=16, max_enqueued_batches=64, allowed_batch_sizes=(4, 16)
    )

    def ask(n: int) -> bool:
        (output,) = batches.run(lambda i: [i[0] * 2], rows(n, n + 0.5), queue="m", key="k")
        return bool(output.tolist() == [2.0 * n, 2.0 * n + 1])

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(500)))


def test_nobody_waits_for_ever_where_deadlines_pass() -> None:
    """Requests with and without time come and go; those with time get their answers."""
    batches = scheduler(max_batch_size=4, max_enqueued_batches=64)

    def run(inputs: Sequence[Array]) -> list[Array]:
        time.sleep(0.002)
        return [inputs[0] * 2]

    def ask(n: int) -> bool:
        deadline = time.monotonic() + 0.004 if n % 2 else None
        try:
            (output,) = batches.run(run, rows(n), queue="m", key="k", deadline=deadline)
        except DeadlineExpired:
            return bool(n % 2)
        return bool(output.tolist() == [2.0 * n])

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(500)))
    assert batches.waiting_rows("m") == 0
