"""API keys: hashed, several per name, read again when their file changes."""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Never

import structlog

from mien_gateway.auth.rates import Rate, parse_rate

_log = structlog.get_logger(__name__)

PREFIX = "mien_"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

_RANDOM_BYTES = 32
_LONGEST_KEY = 200
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_FORM = "NAME sha256:<64 hexadecimal digits> [RATE]"


class ApiKeysError(Exception):
    """The file of keys cannot be used; the message names the file and the line."""


class NoApiKeysError(ApiKeysError):
    """The file is missing, or holds no key."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One entry. Several may bear one name: they are keys of one caller, who changes them."""

    name: str
    digest: bytes = field(repr=False)
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys that are valid now."""

    entries: tuple[ApiKey, ...]

    def find(self, presented: str) -> ApiKey | None:
        """Return the entry of a key; how long that takes says nothing about the entries."""
        if len(presented) > _LONGEST_KEY:
            return None
        digest = _digest(presented)
        found = None
        for entry in self.entries:
            if hmac.compare_digest(entry.digest, digest):
                found = entry
        return found

    def holds(self, key: ApiKey) -> bool:
        """Whether an entry that was found before is still among them."""
        return any((one.name, one.digest) == (key.name, key.digest) for one in self.entries)


def new_key() -> str:
    """Make a key that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def line_of(name: str, key: str, rate: str = "") -> str:
    """Return the line for the file of keys."""
    return f"{name} sha256:{_digest(key).hex()} {rate}".rstrip()


def read_api_keys(path: Path) -> ApiKeys:
    """Read a file of keys.

    Raises ApiKeysError where it cannot be read, or says what it must not, and NoApiKeysError
    where it is missing or holds no key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"{path}: the API keys cannot be read: {reason}"
        kind = NoApiKeysError if isinstance(error, FileNotFoundError) else ApiKeysError
        raise kind(message) from error
    return parse_api_keys(text, str(path))


def parse_api_keys(text: str, source: str) -> ApiKeys:
    """Read the lines of a file; `source` is how messages call it.

    Raises ApiKeysError at the first line that is no entry, NoApiKeysError where there is none.
    """
    entries: dict[bytes, ApiKey] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        try:
            entry = _entry(content)
            if entry.digest in entries:
                _refuse("this key is there already")
        except ValueError as error:
            message = f"{source}, line {number}: {error}"
            raise ApiKeysError(message) from error
        entries[entry.digest] = entry
    if not entries:
        message = f"{source}: there is no key: add a line {_FORM}"
        raise NoApiKeysError(message)
    return ApiKeys(tuple(entries.values()))


def _entry(content: str) -> ApiKey:
    name, *rest = content.split()
    if not NAME.fullmatch(name):
        _refuse("the name must be 1 to 64 letters, digits, dots, hyphens and underscores")
    matched = _HASH.fullmatch(rest[0]) if rest else None
    # The line is not quoted: somebody may have put the key itself there.
    if not matched or len(rest) > len(("hash", "rate")):
        _refuse(f"expected {_FORM}")
    return ApiKey(name, bytes.fromhex(matched[1]), parse_rate(rest[1]) if rest[1:] else None)


def _refuse(reason: str) -> Never:
    raise ValueError(reason)


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


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
