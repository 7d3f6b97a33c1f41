"""Every error of the gateway has its kind here, over either transport."""

from typing import Any

import grpc
import httpx
import pytest
from grpc_status import rpc_status

from mien_client import errors
from mien_client.errors import RefusedError
from mien_client.grpc.failures import failure
from mien_client.refusals import DEADLINE_EXCEEDED, KINDS
from mien_client.rest.problems import problem_of
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    GatewayError,
    RateLimitedError,
    UnreadableImageError,
    concrete_errors,
)
from mien_gateway.grpc.errors import STATUS_CODES, internal_status, rich_status
from mien_gateway.http.problems import PROBLEMS

ADDRESS = "http://mien:8000"


def test_every_code_has_its_kind() -> None:
    """And none is known here that the gateway does not know."""
    codes = {kind.code for kind in concrete_errors()} | {"internal_error"}
    assert codes == {*KINDS, DEADLINE_EXCEEDED}


@pytest.mark.parametrize("error", PROBLEMS, ids=lambda error: error.code)
def test_kinds_agree_with_the_statuses(error: type[GatewayError]) -> None:
    """The caller's faults are not Mien's, and what is over in a moment is neither."""
    kind, status = KINDS.get(error.code), PROBLEMS[error].status
    if kind in (errors.BusyError, errors.UnavailableError):
        assert status in (429, 503)
    elif kind is errors.GatewayFaultError:
        assert status >= 500
    elif kind:
        assert 400 <= status < 500
        assert status != 429
    else:
        assert error.code == DEADLINE_EXCEEDED


class Failed(grpc.RpcError):
    """What a call that failed looks like to who made it."""

    def __init__(self, code: grpc.StatusCode, details: str, metadata: Any = ()) -> None:
        self._code, self._details, self._metadata = code, details, metadata

    def code(self) -> grpc.StatusCode:
        """The status."""
        return self._code

    def details(self) -> str:
        """What is said of it."""
        return self._details

    def trailing_metadata(self) -> Any:
        """The rich status, if any."""
        return self._metadata


def over_grpc(status: grpc.Status) -> Exception:
    return failure(Failed(status.code, status.details, status.trailing_metadata), ADDRESS)


@pytest.mark.parametrize("kind", STATUS_CODES, ids=lambda kind: kind.code)
def test_grpc_brings_the_same_error_as_rest(kind: type[GatewayError]) -> None:
    """Of each of the gateway's errors, with its code, sentence, id and wait."""
    error = kind.__new__(kind)
    error.args = ("a sentence",)
    mine = over_grpc(rich_status(error, "an id"))
    wait = getattr(error, "retry_after_seconds", None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    problem = {"code": kind.code, "detail": "a sentence", "request_id": "an id"}
    its = problem_of(httpx.Response(PROBLEMS[kind].status, json=problem, headers=headers), ADDRESS)
    assert type(mine) is type(its)
    assert str(mine) == str(its)
    if isinstance(its, RefusedError):
        assert isinstance(mine, RefusedError)
        assert (mine.code, mine.request_id) == (its.code, its.request_id) == (kind.code, "an id")
        assert mine.retry_after_seconds == its.retry_after_seconds == wait


def test_the_wait_is_brought() -> None:
    """To the millisecond over gRPC."""
    mine = over_grpc(rich_status(RateLimitedError(2, 0.25), "an id"))
    assert isinstance(mine, errors.BusyError)
    assert mine.retry_after_seconds == 0.25


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_a_retry_after_that_is_read(header: str, seconds: float | None) -> None:
    """Seconds; anything else is as if there were none."""
    problem = {"code": "overloaded", "detail": "full"}
    answer = httpx.Response(503, json=problem, headers={"Retry-After": header})
    error = problem_of(answer, ADDRESS)
    assert isinstance(error, errors.BusyError)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, text="<html>Oh</html>"),
        httpx.Response(404, json={"detail": "Not found"}),
        httpx.Response(307, headers={"Location": "/login"}),
        httpx.Response(500, json=["no", "object"]),
    ],
)
def test_an_answer_of_somebody_else(answer: httpx.Response) -> None:
    """It says that this is no Mien, and where."""
    error = problem_of(answer, ADDRESS)
    assert isinstance(error, errors.BadAnswerError)
    assert ADDRESS in str(error)
    assert str(answer.status_code) in str(error)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_answer_of_a_proxy(status: int) -> None:
    """While gateways change there is none behind it; it will be there again."""
    answer = httpx.Response(status, text="<html>Oh</html>", headers={"Retry-After": "2"})
    error = problem_of(answer, ADDRESS)
    assert isinstance(error, errors.UnavailableError)
    assert (error.code, error.status) == ("proxy_unavailable", status)
    assert error.retry_after_seconds == 2
    assert ADDRESS in str(error)


def test_a_code_of_a_newer_gateway() -> None:
    """It is a refusal, with its code."""
    error = problem_of(httpx.Response(418, json={"code": "teapot", "detail": "short"}), ADDRESS)
    assert type(error) is RefusedError
    assert (error.code, error.status) == ("teapot", 418)


@pytest.mark.parametrize(
    ("code", "details", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses", "UnreachableError"),
        (grpc.StatusCode.UNAVAILABLE, "Socket closed", "UnreachableError"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", "TimeoutError"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "message larger than max (5 vs. 4)", "BadInputError"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!", "BusyError"),
        (grpc.StatusCode.UNIMPLEMENTED, "Method not found!", "BadAnswerError"),
    ],
)
def test_what_grpc_says_by_itself(code: grpc.StatusCode, details: str, kind: str) -> None:
    """Without the gateway's words."""
    error = failure(Failed(code, details), ADDRESS)
    assert type(error).__name__ == kind
    if isinstance(error, errors.UnreachableError):
        assert error.connected == (details == "Socket closed")


def test_faults_of_miens_own() -> None:
    """Even those that nobody foresaw."""
    for status in (internal_status("an id"), rich_status(BadModelAnswerError("x", "y"), "an id")):
        error = over_grpc(status)
        assert isinstance(error, errors.GatewayFaultError)
        assert error.request_id == "an id"
    assert isinstance(over_grpc(rich_status(UnreadableImageError(), "")), errors.BadInputError)
    late = over_grpc(rich_status(DeadlineExceededError("the face detector"), ""))
    assert isinstance(late, errors.AnswerTimeoutError)
    assert "the face detector" in str(late)


def test_the_library_reads_rich_statuses() -> None:
    """The fake of a failed call is what the library takes for one."""
    status = rich_status(UnreadableImageError(), "an id")
    assert rpc_status.from_call(Failed(status.code, status.details, status.trailing_metadata))
