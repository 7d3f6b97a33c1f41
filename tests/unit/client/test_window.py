"""How many frames may be under way, and whose an answer is."""

import threading
import time
from collections.abc import Iterator

import pytest

from mien_client.streaming.feed import Feed
from mien_client.streaming.newest import Newest
from mien_client.streaming.window import Place, Window
from tests.unit.client.test_attempts import Clock


def test_it_is_shut_until_it_is_opened() -> None:
    """Then so many frames may go."""
    window = Window(10)
    rooms = [window.has_room]
    window.open(2)
    for number in (1, 2):
        window.send(number)
        rooms.append(window.has_room)
    assert window.answer(1) == Place(1, 0)
    assert [*rooms, window.has_room] == [False, True, False, True]


def test_what_was_passed_over_is_counted() -> None:
    """By who sends, and by the gateway."""
    window = Window(10)
    window.open(3)
    for number in (1, 4, 9):
        window.send(number)
    assert window.answer(1) == Place(1, 0)
    assert window.answer(3) == Place(9, 7)
    assert window.has_room


def test_only_what_is_under_way_is_waited_for() -> None:
    """From its sending, or from the last answer."""
    clock = Clock()
    window = Window(10, clock)
    clock.now += 4
    assert window.seconds_left == 6
    window.open(2)
    clock.now += 100
    assert window.seconds_left == 10
    window.send(1)
    clock.now += 3
    window.send(2)
    assert window.seconds_left == 7
    window.answer(1)
    assert window.seconds_left == 10
    clock.now += 10
    assert window.seconds_left == 0


def test_a_feed_waits_for_room() -> None:
    """And takes no frame before there is some."""
    taken: list[int] = []

    def frames() -> Iterator[bytes]:
        for number in range(4):
            taken.append(number)
            yield bytes([number])

    feed = Feed(frames(), 10, newest_wins=False)
    sent: list[bytes] = []
    thread = threading.Thread(target=lambda: sent.extend(feed), daemon=True)
    thread.start()
    time.sleep(0.05)
    assert taken == []
    feed.open(2)
    time.sleep(0.05)
    assert taken == [0, 1]
    feed.answer(1)
    time.sleep(0.05)
    assert taken == [0, 1, 2]
    feed.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert sent == [b"\0", b"\1", b"\2"]


def test_the_newest_one_is_handed_out() -> None:
    """The last one always is; then the source is over."""
    source = Newest(iter(range(1000)))
    time.sleep(0.1)
    assert list(source) == [999]


def test_the_newest_one_comes_before_what_the_source_raises() -> None:
    """Both reach the caller."""

    def breaking() -> Iterator[int]:
        yield 1
        message = "broken"
        raise ValueError(message)

    source = Newest(breaking())
    assert next(source) == 1
    with pytest.raises(ValueError, match="broken"):
        next(source)
