"""What a REST answer says went wrong."""

from typing import Any

import httpx

from mien_client.errors import AnswerTimeoutError, BadAnswerError, MienError, UnavailableError
from mien_client.refusals import DEADLINE_EXCEEDED, PROXY_UNAVAILABLE, refusal

_FROM_PROXIES = (502, 503, 504)


def raise_for_problem(response: httpx.Response, address: str) -> None:
    """Raise what a failed answer stands for; the whole answer must have been read.

    Raises RefusedError, AnswerTimeoutError or BadAnswerError.
    """
    if not response.is_success:
        raise problem_of(response, address)


def is_from_proxy(response: httpx.Response) -> bool:
    """Return whether an answer says that it comes from something in front of Mien."""
    return response.status_code in _FROM_PROXIES and not _document(response)


def problem_of(response: httpx.Response, address: str) -> MienError:
    """Return the error that a failed answer stands for."""
    document = _document(response)
    code, detail = document.get("code"), document.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        reason = f"{response.status_code} {response.reason_phrase}, without a problem document"
        if response.status_code not in _FROM_PROXIES:
            return BadAnswerError(address, reason)
        return UnavailableError(
            PROXY_UNAVAILABLE,
            f"{address} answers {reason}, as a proxy does while no gateway is behind it",
            status=response.status_code,
            retry_after_seconds=retry_after(response),
        )
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
