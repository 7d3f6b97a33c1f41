"""The door of a gateway that runs as a process: what it refuses to be, and whom to let in."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio
import httpx
import pytest
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import EmotionServiceStub
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from mien_gateway.auth.api_keys import line_of
from tests.fakes.access import ALICE, ALICE_NEW, key_file

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
WRONG = "mien_a-wrong-key"
NOWHERE = {
    "MIEN_GATEWAY_REST_PORT": "0",
    "MIEN_GATEWAY_GRPC_PORT": "0",
    "MIEN_GATEWAY_REDIS_URL": "",
    "MIEN_GATEWAY_REGISTRY": str(ROOT / "models" / "registry.yaml"),
    "MIEN_GATEWAY_DETECTOR_TARGET": "127.0.0.1:1",
    "MIEN_GATEWAY_TORCHSERVE_TARGET": "127.0.0.1:1",
    "MIEN_GATEWAY_TENSORFLOW_TARGET": "127.0.0.1:1",
}


async def launch(environment: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mien_gateway", env=os.environ | NOWHERE | environment, stderr=PIPE
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"MIEN_INTENDED_PURPOSE": "workplace"}, ["2024/1689", "article 5(1)(f)"]),
        ({"MIEN_INTENDED_PURPOSE": "education"}, ["2024/1689", "article 5(1)(f)"]),
        ({"MIEN_INTENDED_PURPOSE": "fun"}, ["MIEN_INTENDED_PURPOSE", "self_reflection"]),
        ({"MIEN_GATEWAY_PROFILE": "production"}, ["MIEN_GATEWAY_API_KEYS_FILE", "make_key"]),
        ({"MIEN_GATEWAY_REST_HOST": "0.0.0.0"}, ["MIEN_GATEWAY_ALLOW_ANONYMOUS=true"]),
        ({"MIEN_GATEWAY_GRPC_HOST": "::"}, ["MIEN_GATEWAY_API_KEYS_FILE"]),
        ({"MIEN_GATEWAY_API_KEYS_FILE": "/nowhere/keys"}, ["/nowhere/keys", "No such file"]),
        ({"MIEN_GATEWAY_API_KEYS_FILE": "bad"}, ["bad, line 2: expected NAME sha256:"]),
        ({"MIEN_GATEWAY_RATE_LIMIT": "often"}, ["MIEN_GATEWAY_RATE_LIMIT", "600/minute"]),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
async def test_what_it_refuses_to_be_started_as(
    tmp_path: Path, environment: dict[str, str], words: list[str]
) -> None:
    """A sentence with the remedy, exit status 2, nothing listening."""
    if environment.get("MIEN_GATEWAY_API_KEYS_FILE") == "bad":
        bad = key_file(tmp_path / "bad", "# keys", f"alice {ALICE}")
        environment = {"MIEN_GATEWAY_API_KEYS_FILE": str(bad)}
    process = await launch(environment)
    _, output = await asyncio.wait_for(process.communicate(), START_SECONDS)
    said = output.decode()
    assert process.returncode == 2
    assert all(word in said for word in words), said
    assert "Traceback" not in said
    assert "listening" not in said
    assert ALICE not in said


async def test_make_key_as_a_command() -> None:
    """The key and its line, on stdout."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mien_gateway.make_key", "alice", stdout=PIPE, stderr=DEVNULL
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert re.search(r"mien_\S{43}\n(.|\n)*alice sha256:[0-9a-f]{64}\n", output.decode())


class Running:
    """A gateway with everything that it has said."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.said: list[str] = []
        self.rest = self.grpc = ""
        self.listening = asyncio.Event()

    async def listen_to_it(self) -> None:
        """Collect its log until it ends."""
        assert self.process.stderr
        async for line in self.process.stderr:
            self.said.append(line.decode())
            entry = json.loads(line)
            if entry["event"] == "listening":
                self.rest, self.grpc = str(entry["rest"]), str(entry["grpc"])
                self.listening.set()


@asynccontextmanager
async def running(environment: dict[str, str]) -> AsyncIterator[Running]:
    gateway = Running(await launch(environment))
    reading = asyncio.create_task(gateway.listen_to_it())
    await asyncio.wait_for(gateway.listening.wait(), START_SECONDS)
    yield gateway
    gateway.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(gateway.process.wait(), 30) == 0
    await reading


async def statuses(gateway: Running, key: str) -> tuple[int, str, int]:
    """What REST, gRPC and a WebSocket handshake answer to a key."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.rest}") as client:
        rest = await client.get("/v1/models", headers={"Authorization": f"Bearer {key}"})
        assert rest.headers["X-Content-Type-Options"] == "nosniff"
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        call = EmotionServiceStub(channel).ListModels(
            emotion_pb2.ListModelsRequest(), metadata=(("x-api-key", key),)
        )
        code = await call.code()
    # Who is let in finds no route there; who is not does not get so far.
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            f"ws://{gateway.rest}/nowhere",
            subprotocols=[Subprotocol("mien.v1"), Subprotocol(f"mien.key.{key}")],
            proxy=None,
        )
    return rest.status_code, code.name, caught.value.response.status_code


async def test_keys_change_under_way_and_are_never_logged(tmp_path: Path) -> None:
    """All three transports, in production, at the most talkative level."""
    path = key_file(tmp_path / "keys", line_of("alice", ALICE))
    environment = {
        "MIEN_GATEWAY_PROFILE": "production",
        "MIEN_INTENDED_PURPOSE": "accessibility",
        "MIEN_GATEWAY_API_KEYS_FILE": str(path),
        "MIEN_GATEWAY_LOG_LEVEL": "DEBUG",
    }
    good, bad = (200, "OK", 403), (401, "UNAUTHENTICATED", 401)
    async with running(environment) as gateway:
        assert await statuses(gateway, ALICE) == good
        assert await statuses(gateway, ALICE_NEW) == bad
        key_file(path, line_of("alice", ALICE), line_of("alice", ALICE_NEW))
        await asyncio.sleep(1.1)
        assert await statuses(gateway, ALICE) == good
        assert await statuses(gateway, ALICE_NEW) == good
        key_file(path, line_of("alice", ALICE_NEW))
        await asyncio.sleep(1.1)
        assert await statuses(gateway, ALICE) == bad
        assert await statuses(gateway, WRONG) == bad
        async with httpx.AsyncClient(base_url=f"http://{gateway.rest}") as client:
            notice = await client.get("/v1/notice?lang=de")
            assert notice.json()["intended_purpose"] == "accessibility"
    log = "".join(gateway.said)
    assert "api keys read" in log
    assert not any(key in log for key in (ALICE, ALICE_NEW, WRONG))


@pytest.mark.parametrize(("proxies", "expected"), [("", [200, 429]), ("127.0.0.1", [200, 200])])
async def test_only_a_trusted_proxy_says_who_calls(proxies: str, expected: list[int]) -> None:
    """Else everybody could have a rate per line that he makes up."""
    environment = {
        "MIEN_GATEWAY_RATE_LIMIT": "1/day",
        "MIEN_GATEWAY_TRUSTED_PROXIES": proxies,
    }
    async with (
        running(environment) as gateway,
        httpx.AsyncClient(base_url=f"http://{gateway.rest}") as client,
    ):
        answers = []
        for address in ("192.0.2.1", "192.0.2.2"):
            headers = {"X-Forwarded-For": address}
            answers.append((await client.get("/v1/models", headers=headers)).status_code)
    assert answers == expected
