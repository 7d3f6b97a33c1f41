"""The folder where videos wait and results lie. Its file names are made here alone."""

import asyncio
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Return what `work` returns: a disk may be slow, and every method here waits for it.

    Who is cancelled waits for the thread all the same: what it works on is not closed under it.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise


class Spool:
    """A folder of its own, readable by its owner alone, made when it is first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """The folder; it is there afterwards.

        Raises PermissionError where somebody else made it first: in a temporary folder
        that all users share, he could read what we write.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            message = f"{self._folder} is not a folder of ours: set MIEN_GATEWAY_SPOOL_DIR"
            raise PermissionError(message)
        self._folder.chmod(0o700)
        return self._folder

    def upload(self, identifier: str) -> Path:
        """Where the caller's video lies until its job has ended."""
        return self._path(identifier, "upload")

    def timeline(self, identifier: str, attempt: int) -> Path:
        """Where an attempt's results lie: two workers never write to one file."""
        return self._path(identifier, f"{attempt}.jsonl")

    def annotated(self, identifier: str, attempt: int) -> Path:
        """Where an attempt's annotated video lies."""
        return self._path(identifier, f"{attempt}.mp4")

    def remove_upload(self, identifier: str) -> None:
        """Delete the caller's video."""
        self.upload(identifier).unlink(missing_ok=True)

    def remove_results(self, identifier: str, attempt: int) -> None:
        """Delete what an attempt made of it."""
        self.timeline(identifier, attempt).unlink(missing_ok=True)
        self.annotated(identifier, attempt).unlink(missing_ok=True)

    def remove(self, identifier: str) -> None:
        """Delete everything of a job."""
        upload = self.upload(identifier)
        for path in upload.parent.glob(f"{identifier}.*"):
            path.unlink(missing_ok=True)

    def older_than(self, seconds: float) -> Iterator[tuple[str, Path]]:
        """Yield the files, with the ids of their jobs, that nobody wrote to for so long."""
        if not self._folder.is_dir():
            return
        limit = time.time() - seconds
        for path in self._folder.iterdir():
            try:
                old = path.is_file() and path.stat().st_mtime < limit
            except FileNotFoundError:  # another one sweeps as well
                continue
            identifier = path.name.partition(".")[0]
            if old and _ID.fullmatch(identifier):
                yield identifier, path

    def _path(self, identifier: str, ending: str) -> Path:
        if not _ID.fullmatch(identifier):
            message = f"{identifier!r} is no id of a job"
            raise ValueError(message)
        return self.folder / f"{identifier}.{ending}"
