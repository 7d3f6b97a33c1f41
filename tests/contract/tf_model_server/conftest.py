"""The server that is asked: each of the two in turn."""

from collections.abc import Iterator
from contextlib import ExitStack

import grpc
import httpx
import pytest

from tests.contract.tf_model_server.servers import (
    CALL_SECONDS,
    REAL,
    Server,
    embedded,
    real,
    write_store,
)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded"),
        pytest.param(
            "real",
            marks=pytest.mark.skipif(REAL is None, reason="no tensorflow_model_server on PATH"),
        ),
    ],
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each of the two servers, with the same models and flags."""
    flags = write_store(tmp_path_factory.mktemp("store"))
    with ExitStack() as stack:
        start = embedded if request.param == "embedded" else real
        grpc_port, rest_port = stack.enter_context(start(flags))
        channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{grpc_port}"))
        rest = stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{rest_port}", timeout=CALL_SECONDS)
        )
        yield Server(request.param, channel, rest)
