"""Jobs of videos: following one to its end, and fetching what came of it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from mien_client.attempts import Attempts, Patience
from mien_client.errors import MienError
from mien_client.types import VideoJob

ResultName = Literal["results.json", "timeline.csv", "subtitles.vtt", "annotated.mp4"]


class Following:
    """What is known of a job that is followed, over several connections if need be."""

    def __init__(
        self, patience: Patience, address: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience = patience
        self._address = address
        self._clock = clock
        self._last: VideoJob | None = None
        self._attempts = self._begin()

    @property
    def is_over(self) -> bool:
        """Whether the job is in its final state."""
        return self._last is not None and self._last.is_final

    def is_news(self, job: VideoJob) -> bool:
        """Take a state in; each new connection begins with one that may be known."""
        # Who hears something begins to count anew: a job may last for hours.
        self._attempts = self._begin()
        if job == self._last:
            return False
        self._last = job
        return True

    def pause_after(self, error: MienError) -> float:
        """Return the seconds until the next connection; raises the error where there is none."""
        return self._attempts.pause_after(error)

    def _begin(self) -> Attempts:
        return Attempts(self._patience, self._address, clock=self._clock)


def destination(path: str | os.PathLike[str], name: str) -> Path:
    """Return the file to write: the path, or the result's name in it where it is a folder."""
    given = Path(path)
    return given / name if given.is_dir() else given


@contextmanager
def arriving(whole: Path) -> Iterator[Path]:
    """Yield a path beside a file, which takes the file's place once it is whole."""
    partial = whole.with_name(f"{whole.name}.part")
    try:
        yield partial
        partial.replace(whole)
    finally:
        partial.unlink(missing_ok=True)
