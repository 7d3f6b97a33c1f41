"""A job is followed over connections that break, and its files come whole or not at all."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mien_client import UnknownNameError, UnreachableError
from mien_client.videos import RECONNECT_SECONDS, Following, arriving
from tests.fakes.clients import opened
from tests.unit.client.test_strangers import KINDS, answering, listening

JOB: dict[str, Any] = {
    "id": "a",
    "state": "RUNNING",
    "progress": 0.0,
    "frames": {"done": 0, "expected": 4, "unreadable": 0},
    "created": "2026-01-02T03:04:05.678Z",
    "started": None,
    "ended": None,
    "model": "m",
    "options": {
        "sample_rate": 5,
        "start": 0,
        "end": None,
        "annotate": True,
        "smoothing_seconds": None,
    },
    "problem": None,
    "links": {},
}


def event(progress: float, state: str = "RUNNING") -> str:
    document = JOB | {"progress": progress, "state": state}
    return f"event: progress\nretry: 1000\ndata: {json.dumps(document)}\n\n: still here\n\n"


def in_turn(*texts: str | Callable[[Any], object]) -> Callable[[Any], None]:
    """Answer each connection with the next text, without its end."""
    turns = count()

    def talk(connection: Any) -> None:
        text = texts[next(turns)]
        if callable(text):
            text(connection)
            return
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000"
        connection.sendall(f"{head}\r\n\r\n{text}".encode())

    return talk


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_breaks_is_made_again(kind: str) -> None:
    """What is known already is not told twice."""
    talk = in_turn(
        event(0) + event(0.25),
        event(0.25),
        answering("", "500 Internal Server Error"),
        event(0.5) + event(1, "SUCCEEDED"),
    )
    with listening(talk) as (url, connections), opened(kind, url, "") as client:
        stream = client.follow_video("a")
        assert [next(stream).progress for _ in range(2)] == [0, 0.25]
        with pytest.raises(Exception, match="500"):
            next(stream)
        assert len(connections) == 3
        assert [job.progress for job in client.follow_video("a")] == [0.5, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_that_is_deleted_meanwhile(kind: str) -> None:
    """The gateway says that it is gone, and then that it does not know it."""
    problem = json.dumps({"code": "unknown_video", "detail": "no such job"})
    talk = in_turn(answering("event: gone\ndata: {}\n\n"), answering(problem, "404 Not Found"))
    with listening(talk) as (url, _), opened(kind, url, "") as client:
        begun = time.monotonic()
        with pytest.raises(UnknownNameError):
            list(client.follow_video("a"))
        assert time.monotonic() - begun >= RECONNECT_SECONDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_breaks_off_does_not_appear(kind: str, tmp_path: Path) -> None:
    """And an older one stays as it was."""
    (tmp_path / "timeline.csv").write_text("older", encoding="utf-8")
    with (
        listening(in_turn("a,b\n")) as (url, _),
        opened(kind, url, "") as client,
        pytest.raises(UnreachableError, match="The connection broke"),
    ):
        client.save_video("a", "timeline.csv", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["timeline.csv"]
    assert (tmp_path / "timeline.csv").read_text(encoding="utf-8") == "older"


def test_two_may_save_the_same_file(tmp_path: Path) -> None:
    """Neither writes into the other's part, nor removes it; one file is left."""
    whole = tmp_path / "timeline.csv"
    with arriving(whole) as first:
        first.write_text("first", encoding="utf-8")
        with suppress(KeyboardInterrupt), arriving(whole) as second:
            second.write_text("half of", encoding="utf-8")
            raise KeyboardInterrupt
        with arriving(whole) as third:
            third.write_text("third", encoding="utf-8")
        assert whole.read_text(encoding="utf-8") == "third"
    assert whole.read_text(encoding="utf-8") == "first"
    assert list(tmp_path.iterdir()) == [whole]


def test_a_gateway_may_be_away_for_so_long_at_a_time() -> None:
    """Counted from when it went, not from when the job began."""
    now = 0.0
    following = Following(10.0, "http://mien", clock=lambda: now)
    away = UnreachableError("http://mien", "refused")
    for now in (100.0, 104.0, 109.0):  # noqa: B007 - it is the clock
        assert following.pause(away) > 0
    now = 110.0
    with pytest.raises(UnreachableError):
        following.pause(away)
