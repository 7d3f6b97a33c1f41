"""Cache keys: keyed BLAKE2b over the bytes and whatever changes the answer."""

import os
import secrets
from hashlib import blake2b
from pathlib import Path

import structlog

from mien_gateway.domain import DetectorIdentity
from mien_gateway.settings import Settings, variable
from mien_models.registry import ServedModel

_log = structlog.get_logger(__name__)

_DIGEST_BYTES = 24
# Part of every key: raise it when the same inputs may give other records.
_LAYOUT = "2"


class CacheKeys:
    """Makes keys out of everything that an answer depends on."""

    def __init__(self, secret: bytes) -> None:
        self._secret = blake2b(secret, digest_size=32).digest()

    def frame(self, image: bytes, model: ServedModel, detector: DetectorIdentity) -> bytes:
        """Return the key of the whole answer for an encoded picture."""
        return b"mien:frame:" + self._digest(image, model, detector)

    def face(self, crop: bytes, model: ServedModel, detector: DetectorIdentity) -> bytes:
        """Return the key of one face's probabilities."""
        return b"mien:face:" + self._digest(crop, model, detector)

    def session(self, identifier: str) -> bytes:
        """Return the key of a session's timeline."""
        digest = blake2b(identifier.encode(), key=self._secret, digest_size=_DIGEST_BYTES)
        return b"mien:timeline:" + digest.hexdigest().encode()

    def _digest(self, content: bytes, model: ServedModel, detector: DetectorIdentity) -> bytes:
        shape = model.model.input
        context = "\0".join(
            (
                _LAYOUT,
                model.name,
                str(model.model.version),
                # A model may be registered again under its version.
                model.model.weights_sha256[:8],
                *model.model.labels,
                f"{shape.height}x{shape.width}x{shape.channels}",
                detector.name,
                detector.version,
            )
        ).encode()
        digest = blake2b(key=self._secret, digest_size=_DIGEST_BYTES)
        # With its length before it, no two pairs of context and content make the same bytes.
        digest.update(len(context).to_bytes(4) + context)
        digest.update(content)
        return digest.hexdigest().encode()


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
