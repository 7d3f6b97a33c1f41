"""Waits, retries and timeouts against a real gateway over fakes: what its callers see."""

import threading
import time
from collections.abc import Callable
from itertools import repeat
from typing import Any

import pytest

from mien_client import (
    AnswerTimeoutError,
    BusyError,
    NotAllowedError,
    UnavailableError,
    UnknownNameError,
)
from mien_gateway.auth.rates import parse_rate
from mien_gateway.errors import DetectorUnavailableError, OverloadedError
from tests.fakes.access import ALICE, keys
from tests.fakes.clients import KINDS, opened
from tests.fakes.gateway import JPEG, FakeGateway
from tests.unit.client.conftest import Serve

ClientOf = Callable[..., Any]


def test_a_rate_is_waited_out(client_of: ClientOf) -> None:
    """All calls succeed, in the time that the rate allows."""
    client = client_of(FakeGateway(rate=parse_rate("2/second")))
    begun = time.monotonic()
    for _ in range(5):
        assert client.analyze(JPEG).faces
    assert time.monotonic() - begun >= 1


def test_who_does_not_wait_is_told_how_long(client_of: ClientOf) -> None:
    """Without retries, or where the timeout comes first."""
    client = client_of(FakeGateway(rate=parse_rate("1/hour")), retries=5)
    client.analyze(JPEG)
    begun = time.monotonic()
    with pytest.raises(BusyError) as caught:
        client.analyze(JPEG)
    assert time.monotonic() - begun < 2
    assert caught.value.code == "rate_limited"
    assert caught.value.retry_after_seconds
    assert 1 < caught.value.retry_after_seconds <= 3600


def test_a_part_that_comes_back_is_waited_for(client_of: ClientOf) -> None:
    """As long as the gateway says; the answer is then as ever."""
    gateway = FakeGateway(settings={"circuit_cooldown_seconds": 0.1})
    gateway.detector.away = DetectorUnavailableError()
    client = client_of(gateway)
    threading.Timer(0.3, lambda: setattr(gateway.detector, "away", None)).start()
    assert client.analyze(JPEG).faces


@pytest.mark.parametrize(
    ("error", "kind"),
    [(DetectorUnavailableError(), UnavailableError), (OverloadedError("it"), BusyError)],
)
def test_a_part_that_stays_away(
    client_of: ClientOf, error: Exception, kind: type[Exception]
) -> None:
    """The last error comes out, after the retries that were asked for."""
    gateway = FakeGateway()
    gateway.detector.outcomes[JPEG] = error  # type: ignore[assignment]  # one of the gateway's
    with pytest.raises(kind):
        client_of(gateway, retries=1).analyze(JPEG)
    assert len(gateway.detector.budgets) == 2


def test_the_timeout_travels_and_holds(client_of: ClientOf) -> None:
    """The gateway knows how long somebody waits, and so do its parts."""
    gateway = FakeGateway()
    gateway.detector.delay_seconds = 60
    client = client_of(gateway, timeout=0.5)
    begun = time.monotonic()
    with pytest.raises(AnswerTimeoutError):
        client.analyze(JPEG)
    assert 0.3 < time.monotonic() - begun < 2
    # gRPC tells whole milliseconds, rounded up.
    assert 0.3 < gateway.detector.budgets[0] <= 0.501


def test_a_silent_stream_is_given_up(client_of: ClientOf) -> None:
    """While a frame is under way; the time between frames does not count."""
    gateway = FakeGateway(request_timeout_seconds=60)
    client = client_of(gateway, timeout=0.6)

    def frames() -> Any:
        yield JPEG
        time.sleep(1)
        gateway.detector.delay_seconds = 60
        yield JPEG

    stream = client.stream(frames(), consent=True)
    assert next(stream).frame == 1
    with pytest.raises(AnswerTimeoutError, match="silent"):
        next(stream)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_that_finds_no_room_is_opened_again(serve: Serve, kind: str) -> None:
    """Its frames are all there still, since none was taken."""
    urls = serve(FakeGateway(settings={"max_streams": 1}))
    with opened("rest", *urls) as first, opened(kind, *urls) as second:
        held = first.stream(repeat(JPEG), consent=True)
        assert next(held).frame == 1
        threading.Timer(0.3, held.close).start()
        assert [one.frame for one in second.stream([JPEG] * 3, consent=True)] == [1, 2, 3]


def test_keys(client_of: ClientOf) -> None:
    """The right one opens, for calls and for streams; without it nothing does."""
    gateway = FakeGateway(keys=keys())
    client = client_of(gateway, api_key=ALICE)
    assert client.analyze(JPEG).faces
    assert len(list(client.stream([JPEG], consent=True))) == 1
    with pytest.raises(UnknownNameError):
        client.model("nobody")


@pytest.mark.parametrize("key", [None, "mien_wrong"])
def test_no_key(client_of: ClientOf, key: str | None) -> None:
    """It says so, for calls and for streams."""
    client = client_of(FakeGateway(keys=keys()), api_key=key)
    for ask in (lambda: client.analyze(JPEG), lambda: list(client.stream([JPEG], consent=True))):
        with pytest.raises(NotAllowedError) as caught:
            ask()
        assert caught.value.code == "unauthenticated"


@pytest.mark.parametrize("client_of", ["rest", "grpc"], indirect=True)
def test_a_client_may_be_shared_by_threads(client_of: ClientOf) -> None:
    """Each gets its own answer."""
    client = client_of(FakeGateway())
    pictures = [JPEG + bytes([place]) for place in range(8)]
    expected = [client.analyze(picture).faces for picture in pictures]
    found: dict[int, Any] = {}

    def ask(place: int) -> None:
        found[place] = client.analyze(pictures[place]).faces

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [found[place] for place in range(8)] == expected
