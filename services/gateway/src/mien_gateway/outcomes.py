"""How a piece of work ended, in one word: `ok`, an error's code, or what else befell it."""

import asyncio

from mien_gateway.errors import GatewayError

OK = "ok"


def outcome_of(error: BaseException) -> str:
    """Return the word for work that an error ended."""
    if isinstance(error, GatewayError):
        return error.code
    return "cancelled" if isinstance(error, asyncio.CancelledError) else "internal_error"
