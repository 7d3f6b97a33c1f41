"""What an inference request of the Open Inference Protocol asks for."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from mien_gateway.deadline import Deadline
from mien_gateway.errors import EmptyImageError, InvalidRequestError
from mien_gateway.http.base64_images import check_values, decode_image
from mien_gateway.http.bodies import BodyReader, parsed
from mien_gateway.http.oip_tensors import IMAGE, OUTPUTS
from mien_gateway.http.uploads import media_type_of

# The sign of the extension in which tensors follow the JSON as they are.
_BINARY_HEADER = "Inference-Header-Content-Length"
# Some clients count a batch's dimension and that of its elements.
_MOST_VALUES = 100_000  # of a picture's pixels, which are refused with a better reason
_ONE = ([1], [1, 1])


class _Part(BaseModel):
    """Of a request; fields that are not known belong to extensions and are left alone."""

    model_config = ConfigDict(strict=True)


class _Parameters(_Part):
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    allow_twin: bool = False


class _Input(_Part):
    name: str
    datatype: str
    shape: list[int]
    data: list[Any]


class _Output(_Part):
    name: str


class _Body(_Part):
    id: str | None = None
    parameters: _Parameters | None = None
    inputs: list[_Input]
    outputs: list[_Output] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """A request, read."""

    image: bytes
    identifier: str
    """The caller's own name for the request, or empty."""
    minimum_confidence: float | None
    allow_twin: bool
    outputs: tuple[str, ...]
    """Names of the tensors wanted."""


async def receive_inference(request: Request, reader: BodyReader, deadline: Deadline) -> Inference:
    """Return what is asked for; the picture is in memory then.

    Raises the CallerError that says what is wrong with the request.
    """
    media_type_of(request)  # refuses a body that is packed; clients do not agree on its type
    if _BINARY_HEADER in request.headers:
        message = (
            f"`{_BINARY_HEADER}`: tensors as binary data are not supported, send the picture "
            "in base64 as JSON (in tritonclient and kserve: binary_data=False)"
        )
        raise InvalidRequestError(message)
    return await parsed(await reader.read(request, reader.limits.json, deadline), _inference)


def _inference(content: bytes) -> Inference:
    body = _parse(content)
    parameters = body.parameters or _Parameters()
    return Inference(
        image=_picture(body.inputs),
        identifier=body.id or "",
        minimum_confidence=parameters.minimum_confidence,
        allow_twin=parameters.allow_twin,
        outputs=_wanted(body.outputs),
    )


def _parse(body: bytes) -> _Body:
    if not body:
        raise EmptyImageError
    check_values(body, _MOST_VALUES)
    try:
        return _Body.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        message = f"{place}: {first['msg']}"
        raise InvalidRequestError(message) from error


def _picture(inputs: list[_Input]) -> bytes:
    if [one.name for one in inputs] != [IMAGE]:
        message = f"Send one input, called `{IMAGE}`"
        raise InvalidRequestError(message)
    (given,) = inputs
    if given.datatype != "BYTES":
        message = f"`{IMAGE}` must be BYTES, a picture's file in base64, not {given.datatype[:16]}"
        raise InvalidRequestError(message)
    texts = [text for row in given.data for text in (row if isinstance(row, list) else [row])]
    if len(texts) > 1 or max(given.shape, default=0) > 1:
        message = (
            f"`{IMAGE}` holds one picture, with the shape [1]: several in one request go to "
            "/v1/analyze/batch"
        )
        raise InvalidRequestError(message)
    if given.shape not in _ONE or not _is_text(texts):
        message = f"`{IMAGE}` must be BYTES with the shape [1]; its data is one text in base64"
        raise InvalidRequestError(message)
    return decode_image(texts[0], IMAGE)


def _is_text(values: list[Any]) -> bool:
    return len(values) == 1 and isinstance(values[0], str)


def _wanted(outputs: list[_Output] | None) -> tuple[str, ...]:
    """Return the names asked for, or all."""
    names = tuple(one.name for one in outputs or ()) or OUTPUTS
    if not set(names) <= set(OUTPUTS):
        message = f"`outputs`: there are {', '.join(OUTPUTS)}, and no others"
        raise InvalidRequestError(message)
    return names
