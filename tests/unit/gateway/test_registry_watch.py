"""A new version of a model is taken up when its server has it."""

from dataclasses import replace
from pathlib import Path

import pytest

from mien_gateway.backends.pools import Pool
from mien_gateway.models import Models
from mien_gateway.registry_watch import RegistryWatch
from mien_models import Framework, load_registry
from tests.fakes.gateway import PYTORCH, TENSORFLOW, FakeBackend, registry
from tests.fakes.registry import write_registry


def spoil(path: Path, content: str | None) -> None:
    """Put something else into the file's place, or nothing."""
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")


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
def models(path: Path, torchserve: FakeBackend) -> Models:
    """Served from the file."""
    pools = (
        Pool(backend=torchserve, framework=Framework.PYTORCH),
        Pool(backend=FakeBackend("tensorflow-serving"), framework=Framework.TENSORFLOW),
    )
    return Models(load_registry(path), pools)


def versions(models: Models) -> list[int]:
    return [models.resolve(name).model.version for name in (PYTORCH, TENSORFLOW)]


async def test_a_new_version_is_taken_up(path: Path, models: Models) -> None:
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
    path: Path, models: Models, torchserve: FakeBackend
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


async def test_an_older_version_can_be_put_back(path: Path, models: Models) -> None:
    """In the same way."""
    watch = RegistryWatch(path, models, 1)
    for version in (2, 1):
        write_registry(path, version)
        await watch.look()
        assert versions(models) == [version, version]


@pytest.mark.parametrize("content", ["models: []", ": no: yaml:", ""])
async def test_a_broken_list_changes_nothing(path: Path, models: Models, content: str) -> None:
    """It is said in the log, and the next good one is taken up."""
    watch = RegistryWatch(path, models, 1)
    spoil(path, content)
    await watch.look()
    assert versions(models) == [1, 1]
    write_registry(path, 3)
    await watch.look()
    assert versions(models) == [3, 3]


async def test_a_missing_file_changes_nothing(path: Path, models: Models) -> None:
    """Someone may be replacing it."""
    watch = RegistryWatch(path, models, 1)
    spoil(path, None)
    await watch.look()
    assert versions(models) == [1, 1]


def test_twins_are_of_one_version() -> None:
    """Another version of the same name is no twin."""
    (model,) = registry().models
    pools = [Pool(backend=FakeBackend(one), framework=one) for one in Framework]
    models = Models(registry(), pools)
    other = replace(models.resolve(PYTORCH), model=replace(model, version=99))
    assert models.twin(other) is None
    twin = models.twin(models.resolve(PYTORCH))
    assert twin
    assert twin.name == TENSORFLOW
