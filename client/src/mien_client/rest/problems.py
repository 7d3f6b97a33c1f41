"""What a REST answer says went wrong."""

from typing import Any

import httpx

from mien_client.errors import AnswerTimeoutError, BadAnswerError, MienError
from mien_client.refusals import DEADLINE_EXCEEDED, refusal


def raise_for_problem(response: httpx.Response, address: str) -> None:
    """Raise what a failed answer stands for; the whole answer must have been read.

    Raises RefusedError, AnswerTimeoutError or BadAnswerError.
    """
    if not response.is_success:
        raise problem_of(response, address)


def problem_of(response: httpx.Response, address: str) -> MienError:
    """Return the error that a failed answer stands for."""
    document = _document(response)
    code, detail = document.get("code"), document.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        reason = f"{response.status_code} {response.reason_phrase}, without a problem document"
        return BadAnswerError(address, reason)
    if code == DEADLINE_EXCEEDED:
        return AnswerTimeoutError(address, detail)
    return refusal(
        code,
        detail,
        status=response.status_code,
        request_id=str(document.get("request_id", "")),
        retry_after_seconds=retry_after(response),
    )


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of Retry-After; a date is nothing that Mien sends."""
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {}
