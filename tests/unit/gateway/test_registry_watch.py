"""A new version of a model is taken up when its server has it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from mien_gateway.app import watch
from mien_gateway.clients.pools import Pool
from mien_gateway.errors import DeadlineExceededError
from mien_gateway.grpc.server import GrpcServer
from mien_gateway.models import ModelRouter, RegistryWatch
from mien_gateway.readiness import Report
from mien_models import Framework, load_registry
from tests.fakes.gateway import PYTORCH, TENSORFLOW, FakeBackend, FakeGateway, registry
from tests.fakes.registry import write_registry


def spoil(path: Path, content: bytes | None) -> None:
    """Put something else into the file's place, or nothing."""
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def empty_metrics(path: Path) -> None:
    spoil(path, path.read_bytes() + b"  metrics:\n")


def permit(path: Path, mode: int) -> None:
    path.chmod(mode)


def raising(error: Exception) -> Callable[..., NoReturn]:
    def call(*_: object, **__: object) -> NoReturn:
        raise error

    return call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, at version 1."""
    path = tmp_path / "registry.yaml"
    write_registry(path, 1)
    return path


@pytest.fixture
def torchserve() -> FakeBackend:
    """One of the two servers."""
    return FakeBackend("torchserve")


@pytest.fixture
def models(path: Path, torchserve: FakeBackend) -> ModelRouter:
    """Served from the file."""
    pools = (
        Pool(backend=torchserve, framework=Framework.PYTORCH),
        Pool(backend=FakeBackend("tensorflow-serving"), framework=Framework.TENSORFLOW),
    )
    return ModelRouter(load_registry(path), pools)


def versions(models: ModelRouter) -> list[int]:
    return [models.resolve(name).model.version for name in (PYTORCH, TENSORFLOW)]


async def test_a_new_version_is_taken_up(path: Path, models: ModelRouter) -> None:
    """And a request under way ends with the one it began with."""
    watch = RegistryWatch(path, models, 1)
    under_way = models.resolve(PYTORCH)
    await watch.look()
    write_registry(path, 2)
    await watch.look()
    assert versions(models) == [2, 2]
    assert under_way.model.version == 1
    assert models.twin(under_way) is None


async def test_not_before_every_server_has_it(
    path: Path, models: ModelRouter, torchserve: FakeBackend
) -> None:
    """Until then the old one is asked for."""
    watch = RegistryWatch(path, models, 1)
    torchserve.lacks.add((PYTORCH, 2))
    write_registry(path, 2)
    await watch.look()
    assert versions(models) == [1, 1]
    torchserve.lacks.clear()
    await watch.look()
    assert versions(models) == [2, 2]


async def test_an_older_version_can_be_put_back(path: Path, models: ModelRouter) -> None:
    """In the same way."""
    watch = RegistryWatch(path, models, 1)
    for version in (2, 1):
        write_registry(path, version)
        await watch.look()
        assert versions(models) == [version, version]


@pytest.mark.parametrize(
    "content", [b"models: []", b": no: yaml:", b"", b"\xff", b"models: 2026-99-99"]
)
async def test_a_broken_list_changes_nothing(
    path: Path, models: ModelRouter, content: bytes
) -> None:
    """It is said in the log, and the next good one is taken up."""
    watch = RegistryWatch(path, models, 1)
    spoil(path, content)
    await watch.look()
    assert versions(models) == [1, 1]
    write_registry(path, 3)
    await watch.look()
    assert versions(models) == [3, 3]


async def test_a_missing_file_changes_nothing(path: Path, models: ModelRouter) -> None:
    """Someone may be replacing it."""
    watch = RegistryWatch(path, models, 1)
    spoil(path, None)
    await watch.look()
    assert versions(models) == [1, 1]


async def test_an_empty_field_changes_nothing(path: Path, models: ModelRouter) -> None:
    """The log names it."""
    watch = RegistryWatch(path, models, 1)
    empty_metrics(path)
    with capture_logs() as logs:
        await watch.look()
    assert versions(models) == [1, 1]
    (entry,) = logs
    assert "models.fer2013-squeezenet.metrics: " in entry["reason"]


async def test_a_file_that_may_be_read_again_is_taken_up(path: Path, models: ModelRouter) -> None:
    """Its content is as old as before, only its permissions changed."""
    watch = RegistryWatch(path, models, 1)
    with pytest.MonkeyPatch.context() as patch:  # root may read every file
        patch.setattr(Path, "read_text", raising(PermissionError(13, "Permission denied")))
        write_registry(path, 2)
        permit(path, 0)
        await watch.look()
    assert versions(models) == [1, 1]
    permit(path, 0o644)
    await watch.look()
    assert versions(models) == [2, 2]


async def test_the_watch_outlives_what_it_meets(
    gateway: FakeGateway, server: GrpcServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that cannot be looked at, and a probe that takes too long, are log entries."""
    checks = iter([DeadlineExceededError("the analysis"), ValueError("odd")])
    passed = asyncio.Event()

    async def check() -> Report:
        for error in checks:
            raise error
        passed.set()
        return Report(ready=True)

    async def look() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(gateway.core.monitor, "check", check)
    monkeypatch.setattr(gateway.core.registry_watch, "look", look)
    running = asyncio.create_task(watch(gateway.core, server, 0))
    waiting = asyncio.create_task(passed.wait())
    await asyncio.wait((running, waiting), timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert passed.is_set()
    running.cancel()


def test_twins_are_of_one_version() -> None:
    """Another version of the same name is no twin."""
    (model,) = registry().models
    pools = [Pool(backend=FakeBackend(one), framework=one) for one in Framework]
    models = ModelRouter(registry(), pools)
    other = replace(models.resolve(PYTORCH), model=replace(model, version=99))
    assert models.twin(other) is None
    twin = models.twin(models.resolve(PYTORCH))
    assert twin
    assert twin.name == TENSORFLOW
