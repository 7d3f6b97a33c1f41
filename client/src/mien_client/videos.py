"""Jobs of videos: following one to its end, and fetching what came of it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

from mien_client.attempts import Attempts, Patience
from mien_client.errors import MienError
from mien_client.types import VideoJob

ResultName = Literal["results.json", "timeline.csv", "subtitles.vtt", "annotated.mp4"]


RECONNECT_SECONDS = 1.0
"""Pause before a new connection where a gateway that stops has ended one."""


class Following:
    """What is known of a job that is followed, over several connections if need be."""

    def __init__(
        self, seconds: float, address: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Follow a job; the gateway may be away for so many seconds at a time."""
        self._patience = Patience(seconds, retries=None, waits_for_start=True)
        self._address = address
        self._clock = clock
        self._last: VideoJob | None = None
        self._attempts: Attempts | None = None

    @property
    def is_over(self) -> bool:
        """Whether the job is in its final state."""
        return self._last is not None and self._last.is_final

    def is_news(self, job: VideoJob) -> bool:
        """Take a state in; each new connection begins with one that may be known."""
        # Who hears something begins to count anew: a job may last for hours.
        self._attempts = None
        is_news = job != self._last
        self._last = job
        return is_news

    def pause(self, error: MienError | None) -> float:
        """Return the seconds until the next connection, by why the last one ended.

        Raises the error where there is no sense in one.
        """
        if error is None:
            return 0.0 if self.is_over else RECONNECT_SECONDS
        if self._attempts is None:
            self._attempts = Attempts(self._patience, self._address, clock=self._clock)
        return self._attempts.pause_after(error)


def destination(path: str | os.PathLike[str], name: str) -> Path:
    """Return the file to write: the path, or the result's name in it where it is a folder."""
    given = Path(path)
    return given / name if given.is_dir() else given


@contextmanager
def arriving(whole: Path) -> Iterator[Path]:
    """Yield a path beside a file, which takes the file's place once it is whole.

    It is nobody else's: two may save the same file at the same time, and the last one's stays.
    """
    partial = whole.with_name(f"{whole.name}.{uuid4().hex[:12]}.part")
    try:
        yield partial
        partial.replace(whole)
    finally:
        partial.unlink(missing_ok=True)
