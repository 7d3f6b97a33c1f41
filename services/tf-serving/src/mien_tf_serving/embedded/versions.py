"""What lies under a model's base path, and the states a version goes through."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Generic, TypeVar

from mien_tf_serving.errors import NotFound, ServingError

Servable = TypeVar("Servable")


_LARGEST_VERSION = 2**63 - 1


class State(IntEnum):
    """A version's state, with the numbers of ModelVersionStatus."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(kw_only=True)
class Version(Generic[Servable]):
    """One version of one model, from its appearance on disk until it is replaced."""

    number: int
    state: State = State.START
    servable: Servable | None = None
    error: ServingError | None = None
    """Why the last attempt to load failed."""
    attempts: int = 0
    retry_at: float = 0.0
    """Earliest time of the next attempt, in seconds of the monotonic clock."""
    aspired: bool = True

    @property
    def available(self) -> bool:
        """Whether requests can be sent to it."""
        return self.state is State.AVAILABLE


@dataclass(frozen=True)
class VersionStatus:
    """What GetModelStatus tells about a version."""

    number: int
    state: State
    error: ServingError | None


def discover(base_path: Path) -> dict[int, Path]:
    """Return the version directories by number; names that are no number are not versions.

    Whoever adds a version writes it under another name, such as `.2.tmp`, and renames it
    when it is complete.

    Raises:
        NotFound: the base path is not there.
    """
    try:
        children = list(base_path.iterdir())
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"Could not find base path {base_path}: {reason}"
        raise NotFound(message) from error
    return {
        int(child.name): child
        for child in children
        if child.name.isascii()
        and child.name.isdecimal()
        and int(child.name) <= _LARGEST_VERSION
        and child.is_dir()
    }
