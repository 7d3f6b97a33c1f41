"""Each operation as an HTTP request, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from mien_client import operations as ops
from mien_client import types
from mien_client.operations import Operation, Options
from mien_client.structure import UnexpectedDocumentError, structured

T = TypeVar("T")

_Query = Mapping[str, str | float | bool | None]


@dataclass(frozen=True, slots=True)
class RestCall(Generic[T]):
    """A request, and how its answer is read.

    Attributes:
        read: raises UnexpectedDocumentError.
        accepted: a status besides 2xx whose answer is read, too.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    query: _Query = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    files: tuple[bytes, ...] = ()
    accepted: int = 0

    def arguments(self) -> dict[str, Any]:
        """Return the request as httpx takes it; what is None is not sent."""
        return {
            "method": self.method,
            "url": self.path,
            "params": sent(self.query),
            "headers": self.headers,
            "content": self.content,
            "files": [("image", (str(i), image)) for i, image in enumerate(self.files)] or None,
        }


def rest_call(operation: Operation[T]) -> RestCall[T]:
    """Return an operation as an HTTP request; REST offers all of them."""
    return CALLS[type(operation)](operation)


def sent(query: _Query) -> dict[str, str]:
    """Return the query without what was left to the gateway."""
    return {name: _text(value) for name, value in query.items() if value not in (None, "")}


def document(kind: type[T]) -> Callable[[httpx.Response], T]:
    """Return what reads an answer's JSON as this kind of value."""
    return lambda response: structured(kind, as_json(response))


def as_json(response: httpx.Response) -> Any:
    """Return an answer's JSON; raises UnexpectedDocumentError where it is none."""
    try:
        return response.json()
    except ValueError as error:
        message = "the answer is not JSON"
        raise UnexpectedDocumentError(message) from error


def _text(value: str | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _analyze(one: ops.Analyze) -> RestCall[types.Analysis]:
    read = document(types.Analysis)
    return _post("/v1/analyze", read, one.image, _query(one.model, one.options), one.options)


def _analyze_many(
    one: ops.AnalyzeMany,
) -> RestCall[list[types.Analysis | types.Problem]]:
    return RestCall(
        "POST",
        "/v1/analyze/batch",
        _outcomes,
        _query(one.model, one.options),
        _headers(one.options),
        files=one.images,
    )


def _outcomes(response: httpx.Response) -> list[types.Analysis | types.Problem]:
    return [
        one.analysis or one.problem or types.Problem("", "")
        for one in structured(_Batch, as_json(response)).results
    ]


@dataclass(frozen=True, slots=True)
class _Outcome:
    analysis: types.Analysis | None = None
    problem: types.Problem | None = None


@dataclass(frozen=True, slots=True)
class _Batch:
    results: tuple[_Outcome, ...]


def _annotate(one: ops.Annotate) -> RestCall[bytes]:
    query = {**_query(one.model, one.options), "format": one.picture_format}
    return _post("/v1/analyze/annotated", _content, one.image, query, one.options)


def _content(response: httpx.Response) -> bytes:
    return response.content


def _compare(one: ops.Compare) -> RestCall[types.Comparison]:
    return _post("/v1/compare", document(types.Comparison), one.image, {"model": one.model})


def _explain(one: ops.Explain) -> RestCall[types.Explanation]:
    query: _Query = {"model": one.model, "label": one.label, "overlay": one.overlay}
    return _post("/v1/explain", document(types.Explanation), one.image, query)


def _list_models(_: ops.ListModels) -> RestCall[list[types.Model]]:
    def read(response: httpx.Response) -> list[types.Model]:
        return list(structured(types.ModelList, as_json(response)).models)

    return RestCall("GET", "/v1/models", read)


def _find_model(one: ops.FindModel) -> RestCall[types.Model]:
    return RestCall("GET", f"/v1/models/{_part(one.name)}", document(types.Model))


def _read_card(one: ops.ReadCard) -> RestCall[str]:
    def read(response: httpx.Response) -> str:
        return response.content.decode()

    return RestCall("GET", f"/v1/models/{_part(one.name)}/card", read)


def _ask_status(_: ops.AskStatus) -> RestCall[types.Status]:
    not_ready = httpx.codes.SERVICE_UNAVAILABLE
    return RestCall("GET", "/readyz", document(types.Status), accepted=not_ready)


def _read_notice(one: ops.ReadNotice) -> RestCall[types.Notice]:
    return RestCall("GET", "/v1/notice", document(types.Notice), {"lang": one.language})


def _read_timeline(one: ops.ReadTimeline) -> RestCall[types.TimelinePage]:
    query = {"start": one.start, "end": one.end}
    return RestCall("GET", _timeline(one.session), document(types.TimelinePage), query)


def _forget_timeline(one: ops.ForgetTimeline) -> RestCall[None]:
    return RestCall("DELETE", _timeline(one.session), _nothing)


def _timeline(session: str) -> str:
    return f"/v1/sessions/{_part(session)}/timeline"


def _find_video(one: ops.FindVideo) -> RestCall[types.VideoJob]:
    return RestCall("GET", video_path(one.video), document(types.VideoJob))


def _cancel_video(one: ops.CancelVideo) -> RestCall[types.VideoJob]:
    return RestCall("POST", f"{video_path(one.video)}/cancel", document(types.VideoJob))


def _delete_video(one: ops.DeleteVideo) -> RestCall[None]:
    return RestCall("DELETE", video_path(one.video), _nothing)


def _read_results(one: ops.ReadResults) -> RestCall[types.VideoResults]:
    return RestCall("GET", f"{video_path(one.video)}/results.json", document(types.VideoResults))


def video_path(video: str) -> str:
    """Return where a job is."""
    return f"/v1/videos/{_part(video)}"


def _part(name: str) -> str:
    # What a caller names must not lead to another place.
    return quote(name, safe="")


def _post(
    path: str,
    read: Callable[[httpx.Response], T],
    image: bytes,
    query: _Query,
    options: Options | None = None,
) -> RestCall[T]:
    headers = {"Content-Type": "application/octet-stream", **_headers(options or Options())}
    return RestCall("POST", path, read, query, headers, content=image)


def _query(model: str, options: Options) -> _Query:
    return {
        "model": model,
        "minimum_confidence": options.minimum_confidence,
        "allow_twin": options.allow_twin or None,
        "session": options.session,
    }


def _headers(options: Options) -> Mapping[str, str]:
    return {"Cache-Control": "no-store"} if options.no_store else {}


def _nothing(_: httpx.Response) -> None:
    return None


CALLS: Mapping[type[Operation[Any]], Callable[[Any], RestCall[Any]]] = {
    ops.Analyze: _analyze,
    ops.AnalyzeMany: _analyze_many,
    ops.Annotate: _annotate,
    ops.Compare: _compare,
    ops.Explain: _explain,
    ops.ListModels: _list_models,
    ops.FindModel: _find_model,
    ops.ReadCard: _read_card,
    ops.AskStatus: _ask_status,
    ops.ReadNotice: _read_notice,
    ops.ReadTimeline: _read_timeline,
    ops.ForgetTimeline: _forget_timeline,
    ops.FindVideo: _find_video,
    ops.CancelVideo: _cancel_video,
    ops.DeleteVideo: _delete_video,
    ops.ReadResults: _read_results,
}
"""How REST words each operation."""
