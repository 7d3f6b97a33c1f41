"""Gets many pictures out of one request: a form with many files, or JSON with base64."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from mien_gateway.analysis.batching import BatchAnalyzer
from mien_gateway.deadline import Deadline
from mien_gateway.errors import GatewayError, InvalidRequestError, UnsupportedMediaTypeError
from mien_gateway.http.base64_images import MOST_VALUES, decode_image, load_json, model_named
from mien_gateway.http.bodies import BodyReader, parsed
from mien_gateway.http.multipart import model_of_form, parse_multipart
from mien_gateway.http.uploads import media_type_of


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
        return await parsed(body, lambda body: _from_form(body, content_type, batches))
    if media_type == "application/json" or media_type.endswith("+json"):
        body = await reader.read(request, reader.limits.batch_json, deadline)
        return await parsed(body, lambda body: _from_json(body, batches))
    forms = "A batch comes as a multipart form or as JSON, and for each picture"
    raise UnsupportedMediaTypeError(forms)


def _from_form(body: bytes, content_type: str, batches: BatchAnalyzer) -> Batch:
    # A few parts besides the pictures do no harm.
    parts = parse_multipart(body, content_type, most_parts=batches.max_images + 8)
    files = [part for part in parts if part.is_file]
    batches.check_number(len(files))
    model = model_of_form(parts)
    items = [
        BatchItem(part.filename or str(place), part.content) for place, part in enumerate(files)
    ]
    return Batch(items, model)


def _from_json(body: bytes, batches: BatchAnalyzer) -> Batch:
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
