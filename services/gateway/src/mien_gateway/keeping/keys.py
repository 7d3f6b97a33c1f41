"""Under which names answers are kept.

The keys are keyed hashes, so that one who reads the store, but not the secret, cannot
tell whether a picture that he holds was ever analysed.
"""

from hashlib import blake2b

from mien_gateway.domain import DetectorIdentity
from mien_models.registry import ServedModel

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
