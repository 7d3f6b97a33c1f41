"""The secret of the keyed hashes: given, kept in a file, or drawn anew."""

import os
import secrets
from pathlib import Path

import structlog

from mien_gateway.settings import Settings, variable

_log = structlog.get_logger(__name__)

_BYTES = 32


class CacheKeyFileError(Exception):
    """The file of the secret cannot be used; the message says why, and what to do."""


def cache_secret(settings: Settings) -> bytes:
    """Return the secret; a file that is not there yet is written with a new one.

    Raises CacheKeyFileError where the file cannot be read or written.
    """
    if settings.cache_key:
        return settings.cache_key.get_secret_value().encode()
    if settings.cache_key_file:
        return _of_file(settings.cache_key_file)
    if settings.redis_url:
        _log.warning(
            "cache key drawn",
            remedy=f"set {variable('cache_key')} to keep the cache, and to share rate limits",
        )
    return secrets.token_bytes(_BYTES)


def _of_file(path: Path) -> bytes:
    """Replicas that begin at the same time all find the secret of the first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        if not path.exists():
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(secrets.token_urlsafe(_BYTES))
            try:
                # Unlike a rename, it leaves a file alone that came to be in the meantime.
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        secret = path.read_bytes().strip()
    except OSError as error:
        message = (
            f"{variable('cache_key_file')}={path} cannot be read or written: {error.strerror}; "
            f"let this user write to its folder, or set {variable('cache_key')}"
        )
        raise CacheKeyFileError(message) from error
    if len(secret) < _BYTES // 2:
        message = f"{variable('cache_key_file')}={path} holds less than {_BYTES // 2} characters"
        raise CacheKeyFileError(message)
    return secret
