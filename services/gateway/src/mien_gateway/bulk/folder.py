"""Which videos there are, whose they are, and what is known of each.

Folders may be buckets that are mounted: nothing is renamed, and a file counts once it is whole.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

SUFFIXES = frozenset(
    (".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm")
)
_JOB, _DONE = "job.json", "done.json"


def share(folder: Path, index: int, count: int) -> list[Path]:
    """Return the videos, as paths within the folder, that are the process's of this index.

    By their names alone: what comes or goes meanwhile moves no other video to another process.
    """
    found = (path.relative_to(folder) for path in folder.rglob("*") if _is_video(path))
    return sorted(path for path in found if crc32(path.as_posix().encode()) % count == index)


@dataclass(frozen=True)
class Results:
    """The folder of one video's results; what is written there survives the process."""

    folder: Path

    @property
    def done(self) -> dict[str, Any] | None:
        """How it ended, once everything about it is stored."""
        return _read(self.folder / _DONE)

    @property
    def job(self) -> str | None:
        """The job that was begun for it, here or by a process that was lost."""
        document = _read(self.folder / _JOB)
        return str(document["id"]) if document and "id" in document else None

    def begin(self, job: str) -> None:
        """Remember a job before anything else happens to it."""
        self.store(_JOB, [json.dumps({"id": job}).encode()])

    def store(self, name: str, parts: Iterable[bytes]) -> None:
        """Write one result, over what a lost process left of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("wb") as file:
            file.writelines(parts)

    def finish(self, document: dict[str, Any]) -> None:
        """Say how it ended. The last thing that is written."""
        self.store(_DONE, [json.dumps(document, indent=1).encode()])


def _is_video(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return path.suffix.lower() in SUFFIXES and not hidden and path.is_file()


def _read(path: Path) -> dict[str, Any] | None:
    """A file that is missing or half written is none."""
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return document if isinstance(document, dict) else None
