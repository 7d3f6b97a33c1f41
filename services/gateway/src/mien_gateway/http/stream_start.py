"""The first message of a live stream."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mien_gateway.errors import ConsentRequiredError, InvalidRequestError
from mien_gateway.keeping.timelines import check_session
from mien_gateway.streaming.stream import StreamOptions
from mien_gateway.tracking.smoothing import Smoothing

_DEFAULTS = Smoothing()


class Start(BaseModel):
    """What a caller wants of a stream."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: Literal["start"]
    consent: bool = False
    model: str = ""
    session: str = ""
    smoothing_seconds: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.time_constant_seconds
    hold_seconds: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.hold_seconds
    allow_twin: bool = False
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] | None = None


def read_start(text: str) -> StreamOptions:
    """Return the options of a stream.

    Raises InvalidRequestError that names the field, and ConsentRequiredError.
    """
    try:
        start = Start.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the first message"
        message = f"{place}: {first['msg']}"
        raise InvalidRequestError(message) from error
    if not start.consent:
        raise ConsentRequiredError
    return StreamOptions(
        model=start.model,
        smoothing=Smoothing(
            time_constant_seconds=start.smoothing_seconds, hold_seconds=start.hold_seconds
        ),
        allow_twin=start.allow_twin,
        minimum_confidence=start.minimum_confidence,
        session=check_session(start.session) if start.session else "",
    )
