"""How a live stream ends for its caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from mien_client.errors import AnswerTimeoutError, MienError


class _Feed(Protocol):
    seconds: float
    error: Exception | None


@contextmanager
def ending(feed: _Feed, address: str) -> Iterator[None]:
    """Raise what ended a stream: the caller's own frames first, then what came of the rest.

    A TimeoutError means that a frame was under way and nothing came for the feed's seconds.
    """
    try:
        yield
    except (MienError, TimeoutError) as error:
        if feed.error:
            raise feed.error from None
        if isinstance(error, TimeoutError):
            reason = f"the live stream is silent for {feed.seconds:g} s"
            raise AnswerTimeoutError(address, reason) from error
        raise
    if feed.error:
        raise feed.error
