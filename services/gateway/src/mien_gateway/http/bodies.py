"""Reads request bodies: raw, forms, JSON with base64, batches."""

import asyncio
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from fastapi import Request

from mien_gateway.analysis.batch import BatchAnalyzer
from mien_gateway.domain import Deadline
from mien_gateway.errors import (
    EmptyImageError,
    GatewayError,
    ImageTooLargeError,
    InvalidBase64Error,
    InvalidRequestError,
    UnsupportedMediaTypeError,
    UploadTooSlowError,
)
from mien_gateway.http.multipart import Part, model_of_form, parse_multipart
from mien_gateway.resilience.limits import FairLimit, Reservation

T = TypeVar("T")

_ENVELOPE_BYTES = 64 * 1024
# Parsing less than that takes about a millisecond.
_LARGE_BYTES = 1_000_000


@dataclass(frozen=True)
class BodyLimits:
    """How long a body may be, in bytes, so that its picture is not too large."""

    image: int
    batch: int
    """All pictures of a batch together, with the form around them."""

    @property
    def batch_json(self) -> int:
        """All pictures of a batch in base64, with the document around them."""
        return self.batch * 4 // 3 + self.batch // 32 + _ENVELOPE_BYTES

    @property
    def multipart(self) -> int:
        """A picture with the form around it."""
        return self.image + _ENVELOPE_BYTES

    @property
    def json(self) -> int:
        """A picture in base64, perhaps broken into lines, with the document around it."""
        return self.image * 4 // 3 + self.image // 32 + _ENVELOPE_BYTES


class BodyReader:
    """Receives bodies: a bounded number at a time, and bounded bytes until they are answered."""

    def __init__(self, limits: BodyLimits, uploads: FairLimit, bytes_in_flight: FairLimit) -> None:
        self.limits = limits
        self._uploads = uploads
        self._bytes = bytes_in_flight

    async def read(self, request: Request, limit: int, deadline: Deadline) -> bytes:
        """Return the whole body.

        Raises ImageTooLargeError before it reads anything where the length is announced,
        else as soon as there is too much; UploadTooSlowError at the deadline;
        OverloadedError at once when too many, or too many bytes, are being received.
        """
        announced = self._announced(request, limit)
        budget = max(deadline.seconds_left, 0.0)
        caller = request.state.caller.identity
        reserved = self._bytes.reserve(caller, announced)
        request.state.reserved.enter_context(reserved)
        with self._uploads.reserve(caller, 1):
            try:
                async with asyncio.timeout(budget):
                    return await self._receive(request, limit, announced, reserved)
            except TimeoutError as error:
                raise UploadTooSlowError(round(budget, 1)) from error

    def _announced(self, request: Request, limit: int) -> int:
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal():
            message = "`Content-Length` is not a number"
            raise InvalidRequestError(message)
        if int(announced) > limit:
            raise ImageTooLargeError(self.limits.image)
        return int(announced)

    async def _receive(
        self, request: Request, limit: int, announced: int, reserved: Reservation
    ) -> bytes:
        chunks = []
        length = 0
        async for chunk in request.stream():
            length += len(chunk)
            if length > limit:
                raise ImageTooLargeError(self.limits.image)
            if length > announced:
                reserved.add(len(chunk))
            chunks.append(chunk)
        return b"".join(chunks)


async def parsed(body: bytes, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of a body; a large one is parsed in a thread."""
    if len(body) <= _LARGE_BYTES:
        return parse(body)
    return await asyncio.to_thread(parse, body)


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


# What curl says of a body when it is told nothing else.
_UNTOLD = "application/x-www-form-urlencoded"
COMPRESSED = ("`Content-Encoding` is not supported", "send the body as it is, not compressed")
"""What is wrong with a body that is compressed, and what to do about it."""
_RAW = ("", "application/octet-stream", _UNTOLD)


async def receive_upload(request: Request, reader: BodyReader, deadline: Deadline) -> Upload:
    """Return the picture, and the model's name where the body has one.

    A raw body is judged by its first bytes, later; only a type that says it is something
    else altogether is refused here.
    """
    media_type, content_type = media_type_of(request)
    limits = reader.limits
    if media_type in _RAW or media_type.startswith("image/"):
        return _upload_from_raw(await reader.read(request, limits.image, deadline))
    if media_type == "multipart/form-data":
        body = await reader.read(request, limits.multipart, deadline)
        return _upload_from_form(
            await parsed(body, lambda body: parse_multipart(body, content_type))
        )
    if media_type == "application/json" or media_type.endswith("+json"):
        body = await reader.read(request, limits.json, deadline)
        return await parsed(
            body, lambda body: upload_from_json(body, image_field="image", model_field="model")
        )
    raise UnsupportedMediaTypeError


def media_type_of(request: Request) -> tuple[str, str]:
    """Return the body's media type, and the whole header.

    Raises UnsupportedMediaTypeError for a body that is compressed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaTypeError(*COMPRESSED)
    content_type = request.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower(), content_type


def _upload_from_raw(body: bytes) -> Upload:
    if body.startswith(b"{"):
        untold = "This may be JSON without `Content-Type: application/json`; without it"
        raise UnsupportedMediaTypeError(untold)
    return Upload(body)


def _upload_from_form(parts: list[Part]) -> Upload:
    named = [part for part in parts if part.name == "image"]
    image = next(iter(named or [part for part in parts if part.is_file]), None)
    if image is None:
        message = "The multipart form has no file: send the picture in the field `image`"
        raise InvalidRequestError(message)
    return Upload(image.content, model_of_form(parts))


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One picture, or why there is none, under the caller's name for it or its number."""

    identifier: str
    image: bytes = b""
    error: GatewayError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a body brought."""

    items: list[BatchItem]
    model: str = ""


async def receive_batch(
    request: Request, reader: BodyReader, deadline: Deadline, batches: BatchAnalyzer
) -> Batch:
    """Return the pictures, in their order, one at least and not too many.

    Raises the CallerError that says why the body as a whole cannot be read.
    """
    media_type, content_type = media_type_of(request)
    if media_type == "multipart/form-data":
        body = await reader.read(request, reader.limits.batch, deadline)
        return await parsed(body, lambda body: _batch_from_form(body, content_type, batches))
    if media_type == "application/json" or media_type.endswith("+json"):
        body = await reader.read(request, reader.limits.batch_json, deadline)
        return await parsed(body, lambda body: _batch_from_json(body, batches))
    forms = "A batch comes as a multipart form or as JSON, and for each picture"
    raise UnsupportedMediaTypeError(forms)


def _batch_from_form(body: bytes, content_type: str, batches: BatchAnalyzer) -> Batch:
    # A few parts besides the pictures do no harm.
    parts = parse_multipart(body, content_type, most_parts=batches.max_images + 8)
    files = [part for part in parts if part.is_file]
    batches.check_number(len(files))
    model = model_of_form(parts)
    items = [
        BatchItem(part.filename or str(place), part.content) for place, part in enumerate(files)
    ]
    return Batch(items, model)


def _batch_from_json(body: bytes, batches: BatchAnalyzer) -> Batch:
    document = load_json(body, batches.max_images * MOST_VALUES)
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        message = "The body must be a JSON object with the list `images`"
        raise InvalidRequestError(message)
    batches.check_number(len(images))
    items = [_item(place, entry) for place, entry in enumerate(images)]
    return Batch(items, model_named(document, "model"))


def _item(place: int, entry: Any) -> BatchItem:
    """Read `"<base64>"` or `{"id": ..., "image": "<base64>"}`."""
    identifier, text = str(place), entry
    if isinstance(entry, dict):
        identifier, text = str(entry.get("id", place))[:256], entry.get("image")
    field = f"images[{place}]"
    if not isinstance(text, str):
        wrong = InvalidRequestError(f"`{field}` must be a picture in base64")
        return BatchItem(identifier, error=wrong)
    try:
        return BatchItem(identifier, decode_image(text, field))
    except GatewayError as error:
        return BatchItem(identifier, error=error)
