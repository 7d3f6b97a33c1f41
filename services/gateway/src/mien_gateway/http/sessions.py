"""GET and DELETE /v1/sessions/{id}/timeline: expressions over time."""

import math
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from mien_gateway.access.callers import Caller
from mien_gateway.core import Core
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http import documents
from mien_gateway.http.answering import answer
from mien_gateway.http.request_id import request_id
from mien_gateway.keeping.timelines import (
    CURSOR_PATTERN,
    END_OF_TIME,
    SESSION_PATTERN,
    Entry,
    check_session,
)
from mien_gateway.telemetry.request_ids import HEADER

_MOST = 5000
_CURSOR = re.compile(CURSOR_PATTERN)
# The pattern is for the description alone: what is wrong is told in our own words.
_Session = Annotated[str, Path(json_schema_extra={"pattern": SESSION_PATTERN})]


def sessions_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["timelines"])

    @router.get("/v1/sessions/{session}/timeline", **documents.TIMELINE)
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
        document = {"entries": [_present(entry) for entry in entries], "next": more}
        return answer(request, document)

    @router.delete("/v1/sessions/{session}/timeline", **documents.FORGET_TIMELINE)
    async def delete_timeline(request: Request, session: _Session) -> Response:
        """Forget everything under a session's id."""
        await core.timelines.delete(_own(request, session))
        return Response(status_code=204, headers={HEADER: request_id(request)})

    return router


def _own(request: Request, session: str) -> str:
    caller: Caller = request.state.caller
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


def _present(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "model": entry.seen.model,
        "faces": [
            {"track": face.track, "label": face.label, "probabilities": face.probabilities}
            for face in entry.seen.faces
        ],
    }
