"""Videos come in piece by piece, as files or as forms; their events go out."""

import asyncio
import threading
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.requests import Request

from mien_gateway.auth.principal import Principal
from mien_gateway.errors import InvalidRequestError, OverloadedError, UnknownVideoError
from mien_gateway.http.multipart import FileOfForm
from mien_gateway.http.routes import videos
from mien_gateway.http.routes.videos import VideoIntake, progress_events
from mien_gateway.video.jobs import JobState, VideoJob, VideoOptions
from mien_gateway.video.service import UploadLimits, Videos

LIMITS = UploadLimits(bytes=200_000_000, seconds=20, at_a_time=2, queued=1, share=0.5)
PIECE = bytes(64 * 1024)
FORM = b'--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n%s\r\n--b--\r\n'
TYPE = "multipart/form-data; boundary=b"


def request_of(pieces: AsyncIterator[bytes], caller: str = "address:192.0.2.1") -> Request:
    async def receive() -> dict[str, object]:
        body = await anext(pieces, None)
        return {"type": "http.request", "body": body or b"", "more_body": body is not None}

    state = {"caller": Principal(caller)}
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "state": state}
    return Request(scope, receive)


async def test_a_large_video_is_never_in_memory(tmp_path: Path) -> None:
    """A hundred megabytes take a few."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1600):
            yield PIECE

    path = tmp_path / "v"
    tracemalloc.start()
    await VideoIntake(LIMITS).receive(request_of(pieces()), path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size == 1600 * len(PIECE)
    assert peak < 8_000_000


async def test_more_at_a_time_are_refused(tmp_path: Path) -> None:
    """At once: one of a caller, two in all; nothing stays of one that has left."""

    async def never() -> AsyncIterator[bytes]:
        yield PIECE
        await asyncio.sleep(30)

    intake = VideoIntake(LIMITS)
    first = asyncio.create_task(intake.receive(request_of(never()), tmp_path / "one"))
    await asyncio.sleep(0.05)
    with pytest.raises(OverloadedError):
        await intake.receive(request_of(never()), tmp_path / "two")
    other = request_of(never(), "address:192.0.2.2")
    second = asyncio.create_task(intake.receive(other, tmp_path / "three"))
    await asyncio.sleep(0.05)
    with pytest.raises(OverloadedError):
        await intake.receive(request_of(never(), "address:192.0.2.3"), tmp_path / "four")
    for one in (first, second):
        one.cancel()
    await asyncio.wait([first, second])
    assert not (tmp_path / "one").exists()


class _SlowFile:
    """A file on a disk that hangs."""

    def __init__(self) -> None:
        self.writing, self.goes_on = threading.Event(), threading.Event()
        self.closed_while_writing: bool | None = None

    def open(self, *_: object, **__: object) -> "_SlowFile":
        """Return itself: it is its own path."""
        return self

    def write(self, content: bytes) -> int:
        """Take as long as it takes."""
        self.writing.set()
        self.goes_on.wait(10)
        self.writing.clear()
        return len(content)

    def close(self) -> None:
        """Note when."""
        self.closed_while_writing = self.writing.is_set()

    def unlink(self, *, missing_ok: bool) -> None:
        """Be gone."""


async def test_a_file_is_not_closed_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another file's by then."""
    monkeypatch.setattr(videos, "_WRITE_BYTES", 1)

    async def never() -> AsyncIterator[bytes]:
        while True:
            yield PIECE

    file = _SlowFile()
    receiving = asyncio.create_task(
        VideoIntake(LIMITS).receive(request_of(never()), cast("Path", file))
    )
    await asyncio.to_thread(file.writing.wait, 10)
    receiving.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    file.goes_on.set()
    await asyncio.wait([receiving])
    assert file.closed_while_writing is False


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_form_may_be_cut_anywhere(size: int) -> None:
    """Bytes that look like its boundary belong to the file."""
    content = b"before\r\n--bee\r\n--\r\nafter" * 3
    whole = FORM % content
    form = FileOfForm(TYPE)
    found = b"".join(form.feed(whole[start : start + size]) for start in range(0, len(whole), size))
    form.finish()
    assert found == content


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ((FORM % b"x")[:-8], "last boundary"),
        (b"--b--\r\n", "no file"),
        (FORM.replace(b'; filename="a"', b"") % b"x", "query"),
        ((FORM % b"x")[:-7] + FORM % b"y", "one file"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "does not say"),
        (b"no form", "boundary"),
    ],
)
def test_another_form_is_refused(body: bytes, words: str) -> None:
    """With what is to be sent instead."""
    form = FileOfForm(TYPE)

    def read() -> None:
        form.feed(body)
        form.finish()

    with pytest.raises(InvalidRequestError, match=words):
        read()


class _Table:
    """Gives out one state after the other."""

    def __init__(self, *states: VideoJob | None) -> None:
        self._states = list(states)

    async def get(self, identifier: str) -> VideoJob:
        """Return the next state; the last one for ever."""
        del identifier
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if state is None:
            raise UnknownVideoError
        return state


JOB = VideoJob(id="x" * 32, options=VideoOptions(model="any"), created=0, state=JobState.RUNNING)


async def events_of(
    monkeypatch: pytest.MonkeyPatch, *states: VideoJob | None, draining: bool = False
) -> list[bytes]:
    """The first words of each event."""
    monkeypatch.setattr(videos, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(videos, "HEARTBEAT_SECONDS", 0.05)
    stop = asyncio.Event()
    if draining:
        asyncio.get_running_loop().call_later(0.03, stop.set)
    jobs = cast("Videos", SimpleNamespace(job_store=_Table(*states)))
    return [event.split(b"\n")[0] async for event in progress_events(jobs, JOB, stop)]


async def test_only_changes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the present state, up to the final one."""
    later, done = replace(JOB, frames_done=1), replace(JOB, state=JobState.SUCCEEDED)
    assert await events_of(monkeypatch, JOB, JOB, later, done) == [
        b"event: progress",
        b"event: progress",
        b"event: end",
    ]


async def test_a_deleted_job_ends_its_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with an error: the answer has long begun."""
    assert await events_of(monkeypatch, None) == [b"event: progress", b"event: gone"]


async def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that proxies leave the connection open."""
    done = replace(JOB, state=JobState.FAILED)
    events = await events_of(monkeypatch, *[JOB] * 20, done)
    assert events[0] == b"event: progress"
    assert events[-1] == b"event: end"
    assert b": ping" in events


async def test_a_gateway_that_stops_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller reconnects to another one."""
    assert await events_of(monkeypatch, JOB, draining=True) == [b"event: progress"]
