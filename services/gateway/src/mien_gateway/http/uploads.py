"""Gets the picture out of a request, whichever of the three forms it has."""

from starlette.requests import Request

from mien_gateway.deadline import Deadline
from mien_gateway.errors import InvalidRequestError, UnsupportedMediaTypeError
from mien_gateway.http.base64_images import Upload, upload_from_json
from mien_gateway.http.bodies import BodyReader, parsed
from mien_gateway.http.multipart import Part, model_of_form, parse_multipart

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
        return _from_raw(await reader.read(request, limits.image, deadline))
    if media_type == "multipart/form-data":
        body = await reader.read(request, limits.multipart, deadline)
        return _from_form(await parsed(body, lambda body: parse_multipart(body, content_type)))
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


def _from_raw(body: bytes) -> Upload:
    if body.startswith(b"{"):
        untold = "This may be JSON without `Content-Type: application/json`; without it"
        raise UnsupportedMediaTypeError(untold)
    return Upload(body)


def _from_form(parts: list[Part]) -> Upload:
    named = [part for part in parts if part.name == "image"]
    image = next(iter(named or [part for part in parts if part.is_file]), None)
    if image is None:
        message = "The multipart form has no file: send the picture in the field `image`"
        raise InvalidRequestError(message)
    return Upload(image.content, model_of_form(parts))
