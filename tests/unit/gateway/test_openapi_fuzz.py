"""The API's description and the API say the same: every operation, good and bad data.

Schemathesis runs as a program: its pytest plugin would warn, and warnings are errors here.
"""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from mien_gateway.http.app import create_http_app
from tests.conftest import RedisServer
from tests.fakes.gateway import FakeGateway
from tests.fakes.videos import videos_in

SECONDS = 90

# No schema can say which bytes are a picture or a video, nor that a model must exist.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = [200, 202, 204, 401, 404, 409, 429]

[[operations]]
include-method = "POST"
[operations.checks.positive_data_acceptance]
expected-statuses = [200, 202, 400, 404, 409, 413, 415, 422, 429]

# What is wrong with one picture of a batch is told in its place.
[[operations]]
include-path = "/v1/analyze/batch"
[operations.checks.negative_data_rejection]
expected-statuses = [200, 400, 404, 413, 415, 422]
"""


TIMEOUT = "X-Request-Timeout"


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve on a free port; yields the address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    # Of a socket that does not say its protocol, asyncio would hold small packets back.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task


def described(app: FastAPI) -> dict[str, Any]:
    """The description, but for the time that a caller has: a tiny one leads to 408 and 504."""
    document = app.openapi()
    for operations in document["paths"].values():
        for operation in operations.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [one for one in parameters if one["name"] != TIMEOUT]
    return document


def fuzz(url: str, document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Send what follows from the description, and hold every answer against it."""
    config, description = folder / "schemathesis.toml", folder / "openapi.json"
    config.write_text(CONFIG, encoding="utf-8")
    description.write_text(json.dumps(document), encoding="utf-8")
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", str(description), "--url", url, "--no-color", "--continue-on-failure"),
            *("--seed", "20", "--generation-database", "none", "--checks", "all"),
            *("--phases", "coverage,fuzzing", "--max-examples", "40"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


async def test_the_api_is_as_described(
    gateway: FakeGateway, redis_server: RedisServer, tmp_path: Path
) -> None:
    """No fault of ours, no undocumented status, type, header or form, nothing bad accepted."""
    registry = gateway.metrics.registry
    async with videos_in(tmp_path / "spool", redis_server.url, registry) as videos:
        app = create_http_app(replace(gateway.core, videos=videos))
        async with served(app) as url:
            done = await asyncio.to_thread(fuzz, url, described(app), tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:]
