"""TensorFlow servers of a test's own, with a store that the test may change."""

import asyncio
import os
import shutil
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from tests.running_system import ROOT

NAME = "fer2013-squeezenet"
SERVED = f"{NAME}-tensorflow"


class Store:
    """A model store and a registry of one model, which a test may change."""

    def __init__(self, folder: Path) -> None:
        self.registry = folder / "registry.yaml"
        self.config = folder / "models.config"
        self._base = folder / SERVED
        self._base.mkdir()
        self.config.write_text(
            f'model_config_list {{ config {{ name: "{SERVED}" base_path: "{self._base}" '
            'model_platform: "tensorflow" '
            "model_version_policy { latest { num_versions: 2 } } } }",
            encoding="utf-8",
        )

    def add(self, version: int) -> None:
        """Put the built model there as this version, complete at once."""
        built = ROOT / "build" / "model-store" / "tensorflow" / SERVED / "1"
        temporary = self._base / f".{version}.tmp"
        shutil.copytree(built, temporary)
        temporary.rename(self._base / str(version))

    def remove(self, version: int) -> None:
        """Take a version away."""
        shutil.rmtree(self._base / str(version))

    def name(self, version: int) -> None:
        """Let the registry name this version, and PyTorch's twin not at all."""
        document = yaml.safe_load((ROOT / "models" / "registry.yaml").read_text(encoding="utf-8"))
        entry = next(model for model in document["models"] if model["name"] == NAME)
        entry |= {"version": version, "frameworks": ["tensorflow"]}
        new = self.registry.with_suffix(".new")
        new.write_text(yaml.safe_dump({"models": [entry]}), encoding="utf-8")
        new.replace(self.registry)


@asynccontextmanager
async def tensorflow_server(store: Store) -> AsyncIterator[tuple[Process, str]]:
    """A server that is starting, and its target; it is stopped afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "mien_tf_serving", f"--port={port}", "--rest_api_port=0"),
        f"--model_config_file={store.config}",
        "--file_system_poll_wait_seconds=0.5",
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    yield process, f"127.0.0.1:{port}"
    if process.returncode is None:
        process.terminate()
    await process.wait()
