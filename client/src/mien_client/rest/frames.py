"""The messages of /v1/stream: JSON in both directions, and frames as they are."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

import httpx
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from mien_client.address import Address
from mien_client.errors import BadAnswerError, UnreachableError
from mien_client.operations import StreamStart
from mien_client.refusals import refusal
from mien_client.rest.problems import problem_of
from mien_client.rest.wire import access_headers
from mien_client.streaming.window import Place
from mien_client.structure import UnexpectedDocumentError, structured
from mien_client.transport import Outcome
from mien_client.types import Analysis, FrameProblem, FrameResult

STOP = json.dumps({"type": "stop"})


class _Feed(Protocol):
    def open(self, credit: int) -> None: ...
    def answer(self, frame: int) -> Place: ...


class Hearing:
    """Reads a stream's messages, and tells the feed of room for frames."""

    def __init__(self, feed: _Feed) -> None:
        self._feed = feed
        self.is_over = False

    def hear(self, text: str | bytes) -> Outcome | None:
        """Return what a message says of a frame, if it does.

        Raises the RefusedError that a `closing` tells of, and UnexpectedDocumentError.
        """
        message = _document(text)
        match message.get("type"):
            case "ready":
                self._feed.open(_number(message, "credit"))
            case "result":
                place = self._feed.answer(_number(message, "frame"))
                return FrameResult(place.number, structured(Analysis, message), place.dropped)
            case "error":
                place = self._feed.answer(_number(message, "frame"))
                return FrameProblem(place.number, *_fault(message), place.dropped)
            case "closing":
                wait = message.get("retry_after_seconds")
                raise refusal(*_fault(message), retry_after_seconds=wait)
            case "end":
                self.is_over = True
            # What a newer gateway says besides does no harm.
        return None


def stream_url(address: Address) -> str:
    """Return where live streams are."""
    return f"ws{address.url.removeprefix('http')}/v1/stream"


def connect_arguments(api_key: str | None, seconds: float) -> dict[str, Any]:
    """Return how a WebSocket is opened; pictures do not get smaller by compression."""
    return {
        "additional_headers": access_headers(api_key),
        "user_agent_header": None,
        "compression": None,
        "max_size": None,
        "open_timeout": seconds,
        "close_timeout": 1,
    }


def start_message(start: StreamStart) -> str:
    """Return the first message; what is None is left to the gateway."""
    wanted = {name: value for name, value in asdict(start).items() if value is not None}
    return json.dumps({"type": "start", **wanted})


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what a WebSocket raises into what a caller can decide by.

    Raises TimeoutError, UnreachableError, BadAnswerError, or what the gateway refused it for.
    """
    try:
        yield
    except InvalidStatus as error:
        answer = error.response
        response = httpx.Response(
            answer.status_code, headers=list(answer.headers.raw_items()), content=bytes(answer.body)
        )
        raise problem_of(response, address) from error
    except (InvalidHandshake, UnexpectedDocumentError) as error:
        raise BadAnswerError(address, str(error)) from error
    except WebSocketException as error:
        raise UnreachableError(address, str(error), connected=True) from error
    except TimeoutError:
        raise
    except OSError as error:
        raise UnreachableError(address, str(error)) from error


def _document(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        reason = "a message of the stream is no JSON object"
        raise UnexpectedDocumentError(reason)
    return message


def _number(message: dict[str, Any], name: str) -> int:
    number = message.get(name)
    if not isinstance(number, int):
        reason = f"a message of the stream lacks `{name}`"
        raise UnexpectedDocumentError(reason)
    return number


def _fault(message: dict[str, Any]) -> tuple[str, str]:
    return str(message.get("code", "")), str(message.get("detail", ""))
