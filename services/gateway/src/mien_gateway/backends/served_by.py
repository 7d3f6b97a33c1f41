"""Which server answered, in its own words."""

from typing import Any

import grpc.aio

_HEADER = "x-served-by"


async def served_by(call: grpc.aio.UnaryUnaryCall[Any, Any], otherwise: str) -> str:
    """Return what the answer's initial metadata says, else the name given."""
    for key, value in await call.initial_metadata():
        if key == _HEADER:
            return value if isinstance(value, str) else value.decode()
    return otherwise
