"""/v1/models and /v1/sessions."""

import asyncio
import math
import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from mien_gateway.auth.principal import Principal
from mien_gateway.core import Core
from mien_gateway.errors import InvalidRequestError, NoCardError
from mien_gateway.http.openapi import operations
from mien_gateway.http.parameters import request_id
from mien_gateway.http.serialization import answer
from mien_gateway.sessions import CURSOR_PATTERN, END_OF_TIME, SESSION_PATTERN, Entry, check_session
from mien_gateway.telemetry.logging import HEADER
from mien_models.registry import ServedModel


def models_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["models"])

    @router.get("/v1/models", **operations.MODELS)
    async def list_models() -> Response:
        """List every model that can be asked for, the default first."""
        return _json({"models": [_model_to_json(model, core) for model in core.models]})

    @router.get("/v1/models/{name}", **operations.MODEL)
    async def get_model(name: str) -> Response:
        """Describe one model: labels, input, measured figures, licence, readiness."""
        return _json(_model_to_json(core.models.find(name), core))

    @router.get("/v1/models/{name}/card", **operations.CARD)
    async def get_model_card(name: str) -> Response:
        """Give the model's card: data, licence, figures per class, limits and misuse."""
        return Response(await _card(core.models.find(name)), media_type="text/markdown")

    return router


async def _card(served: ServedModel) -> bytes:
    """Return the card, which lies above the versions of a model.

    Raises NoCardError where there is none.
    """
    path = served.model.directory.parent / "README.md"
    try:
        return await asyncio.to_thread(path.read_bytes)  # a disk may be slow
    except FileNotFoundError as error:
        raise NoCardError(served.name) from error


def _model_to_json(served: ServedModel, core: Core) -> dict[str, Any]:
    model = served.model
    return {
        "name": served.name,
        "version": model.version,
        "framework": served.framework.value,
        "architecture": model.architecture,
        "dataset": model.dataset,
        "labels": model.labels,
        "input": {
            "height": model.input.height,
            "width": model.input.width,
            "channels": model.input.channels,
        },
        "licence": model.licence,
        "metrics": model.metrics,
        "card": f"/v1/models/{served.name}/card",
        "server": ", ".join(core.models.servers(served.name)),
        "default": served.name == core.models.default.name,
        "ready": core.monitor.last.models.get(served.name, False),
    }


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")


_MOST = 5000
_CURSOR = re.compile(CURSOR_PATTERN)
# The pattern is for the description alone: what is wrong is told in our own words.
_Session = Annotated[str, Path(json_schema_extra={"pattern": SESSION_PATTERN})]


def sessions_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["timelines"])

    @router.get("/v1/sessions/{session}/timeline", **operations.TIMELINE)
    async def get_timeline(request: Request, session: _Session) -> Response:
        """Give what was seen under a session's id, oldest first.

        When there is more, give `next` as `start` to go on behind the last entry.
        """
        after = request.query_params.get("start", "")
        if not _CURSOR.fullmatch(after):
            after = ""
        start = 0.0 if after else _number(request, "start", 0.0)
        end = _number(request, "end", END_OF_TIME)
        limit = int(_number(request, "limit", 1000.0))
        if not 1 <= limit <= _MOST:
            message = f"`limit` must be from 1 to {_MOST}"
            raise InvalidRequestError(message)
        entries = await core.timelines.read(_own(request, session), start, end, limit, after)
        more = entries[-1].cursor if len(entries) == limit else None
        document = {"entries": [_entry_to_json(entry) for entry in entries], "next": more}
        return answer(request, document)

    @router.delete("/v1/sessions/{session}/timeline", **operations.FORGET_TIMELINE)
    async def delete_timeline(request: Request, session: _Session) -> Response:
        """Forget everything under a session's id."""
        await core.timelines.delete(_own(request, session))
        return Response(status_code=204, headers={HEADER: request_id(request)})

    return router


def _own(request: Request, session: str) -> str:
    caller: Principal = request.state.caller
    return caller.own(check_session(session))


def _number(request: Request, name: str, otherwise: float) -> float:
    given = request.query_params.get(name)
    if given is None:
        return otherwise
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not 0 <= number <= END_OF_TIME:
        message = f"`{name}` must be a number, 0 or more"
        raise InvalidRequestError(message)
    return number


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "model": entry.seen.model,
        "faces": [
            {"track": face.track, "label": face.label, "probabilities": face.probabilities}
            for face in entry.seen.faces
        ],
    }
