"""After a run through everything, no picture and no key is anywhere but in the answers."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

import grpc
import httpx
import orjson
import psutil
import pytest
from mien.v1 import face_detector_pb2
from mien.v1.face_detector_pb2_grpc import FaceDetectorStub
from redis import Redis
from websockets.asyncio.client import connect

from tests.chaos.faults import pid_of
from tests.fakes.videos import steady, write_video
from tests.running_system import System

pytestmark = pytest.mark.e2e

SLICE = 48
SESSION = "a-session-that-is-secret"


def needles(photo: bytes, video: bytes, crop: bytes, keys: list[str]) -> dict[str, bytes]:
    """What must be nowhere: from the middle, where no file looks like another."""
    middle, film = len(photo) // 2, len(video) // 2
    return {
        "the picture": photo[middle : middle + SLICE],
        "the picture in base64": b64encode(photo[middle - middle % 3 :][:SLICE]),
        "the video": video[film : film + SLICE],
        "the face": crop[len(crop) // 2 :][:SLICE],
        "the session": SESSION.encode(),
        **{f"key {number}": key.encode() for number, key in enumerate(keys)},
    }


@pytest.fixture
def key_file(tmp_path: Path) -> tuple[Path, list[str]]:
    """Two keys, one of which is never asked for by name again."""
    keys = [f"mien_{secrets.token_urlsafe(32)}" for _ in range(2)]
    lines = [f"name{n} sha256:{sha256(key.encode()).hexdigest()}" for n, key in enumerate(keys)]
    path = tmp_path / "keys"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, keys


def crop_of(system: System, photo: bytes) -> bytes:
    """The face as the models see it."""
    with grpc.insecure_channel(f"127.0.0.1:{system.settings.detector_port}") as channel:
        shape = face_detector_pb2.CropShape(height=48, width=48, channels=1)
        request = face_detector_pb2.DetectRequest(image=photo, crop=shape)
        return bytes(FaceDetectorStub(channel).Detect(request, timeout=10).faces[0].crop)


async def ask_everything(host: str, photo: bytes, video: bytes, key: str) -> None:
    """Every way in, right and wrong."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://{host}", timeout=60, headers=headers) as client:
        for path in ("analyze", "analyze/annotated", "compare", "explain?overlay=true"):
            (await client.post(f"/v1/{path}", content=photo)).raise_for_status()
        (await client.post(f"/v1/analyze?session={SESSION}", content=photo)).raise_for_status()
        broken = await client.post("/v1/analyze", content=photo[: len(photo) // 2 + 2 * SLICE])
        assert broken.status_code == 422
        await client.post("/v1/analyze", json={"image": b64encode(photo).decode()})
        await client.post("/v1/analyze/batch", files=[("images", ("a.jpg", photo))] * 2)
        await client.post("/v1/analyze", content=photo, headers={"X-Api-Key": key + "x"})
        sent = (await client.post("/v1/videos", content=video)).raise_for_status()
        url = sent.headers["Location"]
        deadline = time.monotonic() + 60
        while (await client.get(url)).json()["state"] in {"QUEUED", "RUNNING"}:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        assert (await client.get(url)).json()["state"] == "SUCCEEDED"
        assert (await client.delete(url)).status_code == 204
    start = {"type": "start", "consent": True, "session": SESSION}
    async with connect(f"ws://{host}/v1/stream", additional_headers=headers) as socket:
        await socket.send(orjson.dumps(start).decode())
        await socket.recv()
        for _ in range(3):
            await socket.send(photo)
            assert orjson.loads(await socket.recv())["type"] == "result"


def files_of(system: System, processes: list[psutil.Process]) -> Iterator[tuple[str, bytes]]:
    """Every file below the run folder, and every one that a process holds open, deleted or not."""
    for path in system.settings.run_dir.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    for process in processes:
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                target = str(link.readlink())
                if target.startswith(gettempdir()) and link.is_file():
                    yield f"{process.pid}: {target}", link.read_bytes()
            except OSError:
                continue


def kept_in_redis(system: System) -> Iterator[tuple[str, bytes]]:
    """Every key of Redis with all that it holds."""
    with Redis(port=system.settings.redis_port) as redis:
        for key in redis.scan_iter("*"):
            dumped = redis.dump(key)
            kind = redis.type(key)
            plain = b""
            if kind == b"hash":
                plain = repr(redis.hgetall(key)).encode()
            elif kind == b"string":
                plain = redis.get(key) or b""
            elif kind == b"stream":
                plain = repr(redis.xrange(key)).encode()
            yield f"redis {key!r}", key + plain + (dumped or b"")


async def test_nothing_is_left_behind(
    system: System, photo: bytes, tmp_path: Path, key_file: tuple[Path, list[str]]
) -> None:
    """In no file, no log, no temporary file, and not in Redis."""
    path, keys = key_file
    settings = system.settings
    log = settings.run_dir / "logs" / "guarded-gateway.log"
    environment = {
        "MIEN_GATEWAY_PROFILE": "production",
        "MIEN_INTENDED_PURPOSE": "research",
        "MIEN_GATEWAY_API_KEYS_FILE": str(path),
        "MIEN_GATEWAY_LOG_LEVEL": "DEBUG",
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
        "MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{settings.detector_port}",
        "MIEN_GATEWAY_TORCHSERVE_TARGET": f"127.0.0.1:{settings.torchserve_port}",
        "MIEN_GATEWAY_TORCHSERVE_REST_URL": f"http://127.0.0.1:{settings.torchserve_rest_port}",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": f"127.0.0.1:{settings.tensorflow_port}",
        "MIEN_GATEWAY_REDIS_URL": f"redis://127.0.0.1:{settings.redis_port}/0",
        "MIEN_GATEWAY_SPOOL_DIR": str(settings.run_dir / "spool"),
        "MIEN_GATEWAY_REGISTRY": str(settings.registry),
    }
    video = write_video(tmp_path / "v.mp4", steady(2, 12), size=(640, 480)).read_bytes()
    hidden = needles(photo, video, crop_of(system, photo), keys)
    # What must be found, so that not finding anything else means something.
    control = settings.run_dir / "control"
    control.write_bytes(b"".join(hidden.values()))
    process = start(log, environment)
    try:
        host = await asyncio.to_thread(listening, log)
        await ask_everything(host, photo, video, keys[0])
        running = [psutil.Process(process.pid)]
        running += [
            psutil.Process(pid_of(system.supervisor, name))
            for name in ("face-detector", "worker", "gateway", "torchserve", "tensorflow")
        ]
        looked_at = [*files_of(system, running), *kept_in_redis(system)]
    finally:
        process.terminate()
        process.wait(timeout=30)
        control.unlink()
    found = {
        (where, what)
        for where, content in looked_at
        for what, needle in hidden.items()
        if needle in content
    }
    assert found == {(str(control), what) for what in hidden}
    assert any(where.startswith("redis ") for where, _ in looked_at)


def start(log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a gateway of its own, with its log beside the others."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "mien_gateway"], env=os.environ | environment, stderr=file
        )


def listening(log: Path) -> str:
    """Where the gateway says that it listens."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["event"] == "listening":
                return str(entry["rest"])
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
