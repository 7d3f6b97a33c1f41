"""Pictures inside JSON."""

from binascii import a2b_base64
from dataclasses import dataclass
from typing import Any

import orjson

from mien_gateway.errors import EmptyImageError, InvalidBase64Error, InvalidRequestError

MOST_VALUES = 1000
"""In a document with one picture; there is room for fields that are not known."""
# A thread that counts lets the others go on after each piece.
_PIECE_BYTES = 1_000_000


@dataclass(frozen=True)
class Upload:
    """What a body brought."""

    image: bytes
    model: str = ""


def upload_from_json(body: bytes, *, image_field: str, model_field: str) -> Upload:
    """Read a document with a picture in base64, bare or as a data URL.

    Raises the CallerError that names the field and what to do about it.
    """
    if not body:
        raise EmptyImageError
    document = load_json(body)
    if not isinstance(document, dict):
        message = f"The body must be a JSON object with the field `{image_field}`"
        raise InvalidRequestError(message)
    text = document.get(image_field)
    if not isinstance(text, str):
        message = f"The field `{image_field}` must be the picture in base64"
        raise InvalidRequestError(message)
    return Upload(decode_image(text, image_field), model_named(document, model_field))


def load_json(body: bytes, most_values: int = MOST_VALUES) -> Any:
    """Return a document.

    Raises InvalidRequestError for what is no JSON, and, before anything is built of it, for
    one of too many values: two bytes of a document can become hundreds in memory.
    """
    check_values(body, most_values)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} in line {error.lineno}"
        raise InvalidRequestError(message) from error


def check_values(body: bytes, most: int) -> None:
    """Raise InvalidRequestError for a document that may hold more than `most` values."""
    values = 0
    for start in range(0, len(body), _PIECE_BYTES):
        # Every value but the first stands behind one of them; base64 has none.
        values += sum(body.count(mark, start, start + _PIECE_BYTES) for mark in (b",", b"[", b"{"))
        if values > most:
            message = f"The document has more than {most} values: send pictures in base64"
            raise InvalidRequestError(message)


def model_named(document: dict[str, Any], field: str) -> str:
    """Return the model's name in a document; null is as good as none.

    Raises InvalidRequestError for what is no name.
    """
    model = document.get(field)
    if model is None:
        return ""
    if not isinstance(model, str):
        message = f"The field `{field}` must be a model's name"
        raise InvalidRequestError(message)
    return model


def decode_image(text: str, field: str) -> bytes:
    """Return the bytes of a picture in base64, bare or as a data URL.

    Raises InvalidBase64Error, naming the field.
    """
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise InvalidBase64Error(field)
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError:
        return _decode_lines(text, field)


def _decode_lines(text: str, field: str) -> bytes:
    """Decode what some encoders break into lines; all else must be the plain alphabet."""
    try:
        return a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise InvalidBase64Error(field) from error
