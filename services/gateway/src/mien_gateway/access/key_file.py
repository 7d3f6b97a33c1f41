"""Keys that change while the gateway runs."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import structlog

from mien_gateway.access.api_keys import (
    ApiKey,
    ApiKeys,
    ApiKeysError,
    NoApiKeysError,
    read_api_keys,
)

_log = structlog.get_logger(__name__)

_LOOK_AGAIN_SECONDS = 1.0

_Stamp = tuple[int, int, int] | None


class KeyFile:
    """The keys of a file that is read again when it has changed.

    It is looked at when a key is asked for, and at most once a second. A new version that
    cannot be parsed leaves the old keys valid; one without any key, or a deleted file, leaves
    no key valid. The log says so.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        """Raises ApiKeysError where there are no keys to begin with."""
        self._path = path
        self._clock = clock
        self._stamp = self._look()
        self._keys: ApiKeys = read_api_keys(path)
        self._look_at = clock() + _LOOK_AGAIN_SECONDS

    def find(self, presented: str) -> ApiKey | None:
        """Return the entry of a presented key."""
        self._refresh()
        return self._keys.find(presented)

    def holds(self, key: ApiKey) -> bool:
        """Whether an entry that was found before is still valid."""
        self._refresh()
        return self._keys.holds(key)

    def _refresh(self) -> None:
        if self._clock() < self._look_at:
            return
        self._look_at = self._clock() + _LOOK_AGAIN_SECONDS
        # Looked at before it is read: what is written meanwhile is seen the next time.
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = read_api_keys(self._path)
        except NoApiKeysError as error:
            self._keys = ApiKeys(())
            _log.error("no api key is valid any more", reason=str(error))
        except ApiKeysError as error:
            _log.error("api keys kept as they were", reason=str(error))
        else:
            _log.info("api keys read", keys=len(self._keys.entries))

    def _look(self) -> _Stamp:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size
