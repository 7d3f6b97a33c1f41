"""WS /v1/stream."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocketDisconnect
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from mien_gateway.auth.principal import Principal
from mien_gateway.core import Core
from mien_gateway.errors import (
    ConsentRequiredError,
    GatewayError,
    InvalidRequestError,
    ShuttingDownError,
    SlowReaderError,
    StreamIdleError,
    TemporaryError,
)
from mien_gateway.http.parameters import request_id
from mien_gateway.http.problems import INTERNAL_ERROR, CloseCode, close_code_of
from mien_gateway.http.serialization import present, present_model
from mien_gateway.sessions import check_session
from mien_gateway.streaming.live_stream import (
    WINDOW,
    FrameAnswer,
    FrameFailure,
    LiveStream,
    StreamOptions,
)
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.tracking.smoothing import Smoothing

_log = structlog.get_logger(__name__)

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


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Takes a refused handshake for a complete one.

    uvicorn 0.54 logs an error for each, as if the application had forgotten to answer.
    """

    async def send(self, message: ASGISendEvent) -> None:
        """Send, and note that the handshake was answered."""
        await super().send(message)
        self.handshake_complete |= self.close_sent


_TRANSPORT = "websocket"
NOTICE_PATH = "/v1/notice"
_NORMAL = 1000


def stream_router(core: Core) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.websocket("/v1/stream")
    async def stream(websocket: WebSocket) -> None:
        """Follow faces in live frames."""
        await _Connection(websocket, core).run()

    return router


class _Connection:
    """One WebSocket from its handshake to its end."""

    def __init__(self, websocket: WebSocket, core: Core) -> None:
        self._websocket = websocket
        self._core = core
        self._request_id = request_id(websocket)

    async def run(self) -> None:
        await self._websocket.accept(headers=[(HEADER.encode(), self._request_id.encode())])
        closing = CloseCode(_NORMAL, "")
        try:
            with (
                self._core.observed(_TRANSPORT, WebSocketDisconnect) as observation,
                self._core.streams.reserve(self._websocket.state.caller.identity, 1),
            ):
                options = await self._start()
                observation.model = self._core.models.resolve(options.model).name
                with self._core.metrics.stream(_TRANSPORT):
                    await self._serve(options)
        except (WebSocketDisconnect, SlowReaderError):
            return  # there is nobody to tell
        except GatewayError as error:
            closing = close_code_of(error)
            await self._tell(error)
        except Exception:  # noqa: BLE001 - whatever it is, the caller is told
            _log.exception("internal_error", request_id=self._request_id)
            closing = CloseCode(INTERNAL_ERROR, "internal_error")
        with suppress(RuntimeError, WebSocketDisconnect, SlowReaderError):
            await self._in_time(self._websocket.close(*closing))

    async def _start(self) -> StreamOptions:
        """Return what the first message asks for."""
        limit = self._core.stream_limits.idle_seconds
        try:
            async with asyncio.timeout(limit):
                message = await self._websocket.receive()
        except TimeoutError:
            raise StreamIdleError(limit) from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        if message.get("text") is None:
            raise ConsentRequiredError
        options = read_start(message["text"])
        model = self._core.models.resolve(options.model)
        await self._send(
            {
                "type": "ready",
                "request_id": self._request_id,
                "model": present_model(model),
                "labels": model.model.labels,
                "credit": WINDOW,
                "notice": NOTICE_PATH,
            }
        )
        return options

    async def _serve(self, options: StreamOptions) -> None:
        """Receive and answer until the caller stops, goes, or must go."""
        caller: Principal = self._websocket.state.caller
        options = replace(options, session=caller.own(options.session))
        stream = self._core.open_stream(options, _TRANSPORT, caller)
        receiving = asyncio.create_task(self._receive(stream))
        answering = asyncio.create_task(self._answer(stream, options))
        draining = asyncio.create_task(self._core.draining.wait())
        tasks = (receiving, answering, draining)
        try:
            await asyncio.wait(
                (answering, draining, receiving), return_when=asyncio.FIRST_COMPLETED
            )
            if draining.done():
                raise ShuttingDownError
            if receiving.done() and not answering.done():
                receiving.result()
                await answering  # the last frame is still answered
            answering.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            stream.close()

    async def _receive(self, stream: LiveStream) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect
            image = message.get("bytes")
            if image is not None:
                stream.offer(image)
            elif _is_stop(message.get("text")):
                stream.end()
                return

    async def _answer(self, stream: LiveStream, options: StreamOptions) -> None:
        async for outcome in stream.answers():
            await self._send(await self._document(outcome, options))
        await self._send(
            {"type": "end", "frames": stream.offered, "dropped_frames": stream.dropped}
        )

    async def _document(
        self, outcome: FrameAnswer | FrameFailure, options: StreamOptions
    ) -> dict[str, Any]:
        standing = outcome.standing
        head = {
            "frame": standing.frame,
            "dropped_frames": standing.dropped,
            "credit": standing.credit,
        }
        if isinstance(outcome, FrameFailure):
            return {"type": "error", **head, **_fault(outcome.error)}
        labelled = self._core.labelled_frame(outcome, options.minimum_confidence)
        await self._core.remember(options.session, labelled)
        return {"type": "result", **head, **present(labelled, self._request_id)}

    async def _tell(self, error: GatewayError) -> None:
        """Say in words what the close code says in numbers."""
        with suppress(RuntimeError, WebSocketDisconnect, SlowReaderError):
            await self._send({"type": "closing", **_fault(error)})

    async def _send(self, document: dict[str, Any]) -> None:
        await self._in_time(self._websocket.send_text(orjson.dumps(document).decode()))

    async def _in_time(self, sending: Awaitable[None]) -> None:
        limit = self._core.stream_limits.send_seconds
        try:
            async with asyncio.timeout(limit):
                await sending
        except TimeoutError:
            raise SlowReaderError(limit) from None


def _fault(error: GatewayError) -> dict[str, Any]:
    fault: dict[str, Any] = {"code": error.code, "detail": error.detail}
    if isinstance(error, TemporaryError):
        fault["retry_after_seconds"] = error.retry_after_seconds
    return fault


def _is_stop(text: str | None) -> bool:
    """Whether a text message ends the stream; there is no other one than that."""
    try:
        document = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or document.get("type") != "stop":
        message = 'After the start, send frames as binary messages, or {"type": "stop"}'
        raise InvalidRequestError(message)
    return True
