"""The REST application of a fake gateway on a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from mien_gateway.http.app import create_http_app
from mien_gateway.http.routes.stream import WebSocketProtocol
from tests.fakes.gateway import FakeGateway


@asynccontextmanager
async def served(gateway: FakeGateway, **options: Any) -> AsyncIterator[str]:
    """Serve it on a free port, as the gateway's process does; yields host and port.

    `options` are uvicorn's, such as those of TLS.
    """
    config = uvicorn.Config(
        create_http_app(gateway.core),
        log_config=None,
        lifespan="off",
        ws=WebSocketProtocol,
        ws_max_size=gateway.max_image_bytes,
        **options,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task
