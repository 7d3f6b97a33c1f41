"""How a piece of work ended, in one word: `ok`, an error's code, or what else befell it."""

import asyncio

from mien_gateway.errors import GatewayError

OK = "ok"
CANCELLED = "cancelled"


def outcome_of(error: BaseException) -> str:
    """Return the word for work that an error ended."""
    if isinstance(error, GatewayError):
        return error.code
    # A generator is closed when the one who reads it has left.
    left = isinstance(error, asyncio.CancelledError | GeneratorExit)
    return CANCELLED if left else "internal_error"
