"""What both REST transports have in common: headers, limits, and what broken connections mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from mien_client.address import Address
from mien_client.errors import BadAnswerError, UnreachableError
from mien_client.rest.calls import RestCall
from mien_client.rest.problems import is_from_proxy, raise_for_problem
from mien_client.structure import UnexpectedDocumentError

PIECE_SECONDS = 60.0
"""Longest silence while a video goes to Mien or its results come."""


def client_arguments(address: Address, api_key: str | None) -> dict[str, Any]:
    """Return how an httpx client is made for an address; every request has its own timeout."""
    return {"base_url": address.url, "headers": access_headers(api_key), "timeout": PIECE_SECONDS}


def access_headers(api_key: str | None) -> dict[str, str]:
    """Return the headers of every request."""
    key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return {"User-Agent": "mien-client", **key}


def deadline_headers(seconds: float) -> Mapping[str, str]:
    """Return the header that tells the gateway how long somebody waits for its answer."""
    return {"X-Request-Timeout": f"{max(seconds, 0.001):.3f}"}  # nothing is no time to it


def request_of(
    client: httpx.Client | httpx.AsyncClient,
    call: RestCall[Any],
    seconds: float,
    extensions: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """Return the request of a call that may take so many seconds."""
    arguments = call.arguments()
    headers = {**arguments.pop("headers"), **deadline_headers(seconds)}
    return client.build_request(
        **arguments, headers=headers, timeout=seconds, extensions=dict(extensions or {})
    )


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what httpx raises into what a caller can decide by.

    Raises TimeoutError, UnreachableError or BadAnswerError.
    """
    try:
        yield
    except httpx.TimeoutException as error:
        raise TimeoutError from error
    except httpx.ConnectError as error:
        raise UnreachableError(address, str(error) or "no connection") from error
    except httpx.UnsupportedProtocol as error:
        raise BadAnswerError(address, str(error)) from error
    except httpx.TransportError as error:
        reason = str(error) or type(error).__name__
        raise UnreachableError(address, reason, connected=True) from error
    except httpx.DecodingError as error:
        raise BadAnswerError(address, str(error)) from error
    except UnexpectedDocumentError as error:
        raise BadAnswerError(address, str(error)) from error


@contextmanager
def flowing(address: str) -> Iterator[None]:
    """As `translated`, for answers that come in pieces: too long a silence is a broken one."""
    try:
        with translated(address):
            yield
    except TimeoutError as error:
        raise UnreachableError(address, "nothing came for too long", connected=True) from error


def check(response: httpx.Response, call: RestCall[Any], address: str) -> None:
    """Raise what a failed answer stands for."""
    if response.status_code != call.accepted or is_from_proxy(response):
        raise_for_problem(response, address)
