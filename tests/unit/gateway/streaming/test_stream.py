"""One live stream: the newest frame wins, and nothing piles up."""

import asyncio
import math
from contextlib import closing

import pytest

from mien_gateway.auth.principal import Principal
from mien_gateway.errors import (
    InvalidRequestError,
    ModelServerUnavailableError,
    OverloadedError,
    StreamIdleError,
    StreamTooLongError,
    UnreadableImageError,
)
from mien_gateway.streaming.live_stream import (
    WINDOW,
    FrameAnswer,
    FrameFailure,
    LiveStream,
    StreamOptions,
)
from tests.fakes.gateway import JPEG, NO_FACE, PYTORCH, FakeGateway


def frame(number: int) -> bytes:
    return JPEG + number.to_bytes(2)


def open_stream(gateway: FakeGateway) -> LiveStream:
    return gateway.core.open_stream(StreamOptions(), "test", Principal("address:test"))


async def collected(stream: LiveStream) -> list[FrameAnswer | FrameFailure]:
    return [one async for one in stream.answers()]


async def test_slow_frames_are_all_answered(gateway: FakeGateway) -> None:
    """In order, each by its number, with full credit."""
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    for number in range(5):
        stream.offer(frame(number), number / 10)
        await asyncio.sleep(0.01)
    stream.end()
    found = await answering
    assert [one.standing.frame for one in found] == [1, 2, 3, 4, 5]
    assert [one.standing.dropped for one in found] == [0] * 5
    assert found[-1].standing.credit == 2


async def test_the_newest_frame_wins(gateway: FakeGateway) -> None:
    """However many came meanwhile, the next one analysed is the last one that came."""
    gateway.detector.delay_seconds = 0.05
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    stream.offer(frame(0))
    await asyncio.sleep(0.01)
    for number in range(1, 50):
        stream.offer(frame(number))
    await asyncio.sleep(0.06)
    stream.end()
    first, second = await answering
    assert (first.standing.frame, first.standing.dropped, first.standing.credit) == (1, 48, 1)
    assert (second.standing.frame, second.standing.dropped, second.standing.credit) == (50, 48, 2)
    assert len(gateway.detector.budgets) == 2


async def test_the_newest_frame_wins_after_a_slow_send(gateway: FakeGateway) -> None:
    """What came while an answer was being sent is old, but for the last one of it."""
    stream = open_stream(gateway)
    answers = aiter(stream.answers())
    stream.offer(frame(1))
    assert (await anext(answers)).standing.frame == 1
    for number in range(2, 12):
        stream.offer(frame(number))
    stream.end()
    second = (await anext(answers)).standing
    assert (second.frame, second.dropped, second.credit) == (11, 9, 2)
    assert await anext(answers, None) is None


async def test_who_keeps_within_the_credit_loses_nothing(gateway: FakeGateway) -> None:
    """Not even where all that it allows comes at once, before anything was taken."""
    stream = open_stream(gateway)
    offered = 0

    def offer(credit: int) -> None:
        nonlocal offered
        for _ in range(min(credit, 10 - offered)):
            stream.offer(frame(offered))
            offered += 1
        if offered == 10:
            stream.end()

    offer(WINDOW)
    found = []
    async for one in stream.answers():
        found.append(one.standing)
        offer(one.standing.credit)
    assert [standing.frame for standing in found] == list(range(1, 11))
    assert found[-1].dropped == 0


async def test_a_face_keeps_its_number(gateway: FakeGateway) -> None:
    """From frame to frame; frames leave no trace in the cache."""
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    for number in range(3):
        stream.offer(frame(number), number / 10)
        await asyncio.sleep(0.01)
    stream.end()
    for one in await answering:
        assert isinstance(one, FrameAnswer)
        assert [face.track for face in one.tracked] == [1]
    assert gateway.cache.values == {}
    assert set(gateway.detector.scores) == {0.3}


@pytest.mark.parametrize(
    "error", [UnreadableImageError(), ModelServerUnavailableError("torchserve", PYTORCH)]
)
async def test_one_frames_failure_is_its_own(
    gateway: FakeGateway, error: UnreadableImageError | ModelServerUnavailableError
) -> None:
    """The stream goes on, and a face before and after it is the same."""
    gateway.detector.outcomes[frame(1)] = error
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    for number in range(3):
        stream.offer(frame(number), number / 10)
        await asyncio.sleep(0.01)
    stream.end()
    first, second, third = await answering
    assert isinstance(second, FrameFailure)
    assert second.error is error
    assert isinstance(first, FrameAnswer)
    assert isinstance(third, FrameAnswer)
    assert third.tracked[0].track == first.tracked[0].track


async def test_a_frame_without_faces_is_an_answer(gateway: FakeGateway) -> None:
    """An empty one."""
    stream = open_stream(gateway)
    stream.offer(NO_FACE)
    stream.end()
    (one,) = await collected(stream)
    assert isinstance(one, FrameAnswer)
    assert one.tracked == ()


@pytest.mark.parametrize("taken_at", [math.nan, math.inf, -math.inf, -0.001, 1.1e10, 1e300])
async def test_a_time_that_no_clock_tells_is_refused(gateway: FakeGateway, taken_at: float) -> None:
    """Before it reaches the tracker, which would overflow or lose every track."""
    stream = open_stream(gateway)
    with pytest.raises(InvalidRequestError):
        stream.offer(frame(0), taken_at)
    assert stream.offered == 0


async def test_the_longest_gap_between_frames_is_survived(gateway: FakeGateway) -> None:
    """No number overflows."""
    stream = open_stream(gateway)
    answers = aiter(stream.answers())
    for number, taken_at in enumerate((0.0, 1e10, 1e10)):
        stream.offer(frame(number), taken_at)
        assert isinstance(await anext(answers), FrameAnswer)


async def test_frames_count_in_the_bytes_in_flight() -> None:
    """As long as they are held; one that there is no room for is answered with the reason."""
    limit = 1000
    gateway = FakeGateway(settings={"max_bytes_in_flight": limit})
    bytes_in_flight = gateway.core.bytes_in_flight
    with closing(open_stream(gateway)) as stream:
        answers = aiter(stream.answers())
        for number in range(5):
            stream.offer(frame(number))
        assert bytes_in_flight.taken == len(frame(0))
        assert isinstance(await anext(answers), FrameAnswer)
        assert bytes_in_flight.taken == 0
        with bytes_in_flight.reserve("address:another", limit):
            stream.offer(frame(5))
            refused = await anext(answers)
            assert isinstance(refused, FrameFailure)
            assert isinstance(refused.error, OverloadedError)
        stream.offer(frame(6))
        assert bytes_in_flight.taken == len(frame(6))
    assert bytes_in_flight.taken == 0


async def test_an_idle_stream_ends() -> None:
    """With the reason; frames put the end off."""
    gateway = FakeGateway(settings={"stream_idle_seconds": 0.1})
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    for number in range(4):
        await asyncio.sleep(0.05)
        stream.offer(frame(number))
    assert not answering.done()
    with pytest.raises(StreamIdleError):
        await answering


async def test_no_stream_lasts_for_ever() -> None:
    """However busy it is."""
    gateway = FakeGateway(settings={"stream_max_seconds": 0.1})
    stream = open_stream(gateway)
    answering = asyncio.create_task(collected(stream))
    for number in range(20):
        stream.offer(frame(number))
        await asyncio.sleep(0.01)
    with pytest.raises(StreamTooLongError):
        await answering


async def test_frames_are_counted_by_what_became_of_them(gateway: FakeGateway) -> None:
    """So that an operator sees who drops how much."""
    gateway.detector.outcomes[frame(2)] = UnreadableImageError()
    stream = open_stream(gateway)
    for number in (0, 3, 1):
        stream.offer(frame(number))

    def counted(outcome: str) -> float | None:
        labels = {"transport": "test", "outcome": outcome}
        return gateway.metrics.registry.get_sample_value("mien_gateway_stream_frames_total", labels)

    answering = asyncio.create_task(collected(stream))
    async with asyncio.timeout(5):
        while counted("answered") != 1:
            await asyncio.sleep(0.001)
    stream.offer(frame(2))
    stream.end()
    await answering
    outcomes = ("answered", "dropped", "failed")
    assert {outcome: counted(outcome) for outcome in outcomes} == {
        "answered": 1,
        "dropped": 2,
        "failed": 1,
    }
