"""Several pools of model servers behind one name."""

from collections import Counter
from dataclasses import replace

import pytest
from structlog.contextvars import bound_contextvars

from mien_gateway.clients.pools import Pool
from mien_gateway.errors import UnknownModelError
from mien_gateway.models import ModelRouter, request_share
from mien_models import Framework, Registry, RegistryError
from tests.fakes.gateway import PYTORCH, TENSORFLOW, FakeBackend, registry

REQUESTS = 2000


def pool(name: str, **kwargs: object) -> Pool:
    """A pool of PyTorch servers, unless told otherwise."""
    bare = Pool(backend=FakeBackend(name), framework=Framework.PYTORCH)
    return replace(bare, **kwargs)  # type: ignore[arg-type]


def at_version(version: int) -> Registry:
    """The list of models, all at another version."""
    return Registry(tuple(replace(model, version=version) for model in registry().models))


def versions(models: ModelRouter) -> Counter[int]:
    """Which versions answer so many requests."""
    found: Counter[int] = Counter()
    for number in range(REQUESTS):
        with bound_contextvars(request_id=f"request-{number}"):
            found[models.resolve(PYTORCH).model.version] += 1
    return found


def asked(models: ModelRouter) -> Counter[str]:
    """Which pools would be asked."""
    model = models.resolve(PYTORCH)
    return Counter(models.backend(model).name for _ in range(REQUESTS))


def test_pools_share_calls_by_weight() -> None:
    """Within what chance allows."""
    found = asked(ModelRouter(registry(), [pool("many", weight=90), pool("few", weight=10)]))
    assert set(found) == {"many", "few"}
    assert 0.06 < found["few"] / REQUESTS < 0.14


def test_a_canary_answers_its_share_in_its_own_version() -> None:
    """The rest stays with the version of the gateway's registry."""
    canary = pool("canary", weight=10, registry=at_version(7))
    found = versions(ModelRouter(registry(), [pool("stable", weight=90), canary]))
    assert set(found) == {3, 7}
    assert 0.06 < found[7] / REQUESTS < 0.14


def test_a_version_is_asked_of_the_pools_that_have_it() -> None:
    """Never of another one."""
    models = ModelRouter(registry(), [pool("three"), pool("seven", registry=at_version(7))])
    for number in range(50):
        with bound_contextvars(request_id=f"request-{number}"):
            model = models.resolve(PYTORCH)
        assert models.backend(model).name == {3: "three", 7: "seven"}[model.model.version]


def test_one_request_keeps_to_one_version() -> None:
    """However often the name is resolved on its way."""
    models = ModelRouter(registry(), [pool("three"), pool("seven", registry=at_version(7))])
    with bound_contextvars(request_id="a live stream"):
        assert len({models.resolve(PYTORCH).model.version for _ in range(100)}) == 1


def test_a_share_needs_no_request() -> None:
    """Outside of one it is drawn."""
    assert all(0 <= request_share() < 1 for _ in range(100))
    assert len({request_share() for _ in range(100)}) > 1


def test_a_pool_that_is_away_is_passed_over() -> None:
    """As long as another one is there."""
    away = pool("away", usable=lambda _: False)
    assert set(asked(ModelRouter(registry(), [away, pool("there")]))) == {"there"}
    assert set(asked(ModelRouter(registry(), [away]))) == {"away"}


def test_a_pool_without_weight_waits() -> None:
    """It is asked when there is nobody else."""
    spare = pool("spare", weight=0)
    assert set(asked(ModelRouter(registry(), [spare, pool("there")]))) == {"there"}
    gone = pool("gone", usable=lambda _: False)
    assert "spare" in asked(ModelRouter(registry(), [gone, spare]))


def test_a_pool_serves_the_models_that_it_names() -> None:
    """And only in its framework."""
    (model,) = registry().models
    models = ModelRouter(registry(), [pool("some", models=frozenset({model.name}))])
    assert [one.name for one in models] == [PYTORCH]
    with pytest.raises(UnknownModelError):
        models.resolve(TENSORFLOW)


def test_nothing_served_is_told_at_once() -> None:
    """A gateway without models is of no use."""
    with pytest.raises(RegistryError, match="none of the model servers"):
        ModelRouter(registry(), [pool("none", models=frozenset({"another"}))])


def test_the_heaviest_version_is_the_one_that_is_told() -> None:
    """By the list of models."""
    light, heavy = pool("light", weight=1), pool("heavy", weight=2, registry=at_version(7))
    models = ModelRouter(registry(), [light, heavy])
    assert models.find(PYTORCH).model.version == 7
    assert models.default.model.version == 7
    assert models.servers(PYTORCH) == ("light", "heavy")
    with pytest.raises(UnknownModelError):
        models.find("unknown")


def test_the_twin_is_of_the_same_version_though_from_another_list() -> None:
    """A canary in one framework has no twin until the other has its version, too."""
    tensorflow = pool("tensorflow", framework=Framework.TENSORFLOW)
    models = ModelRouter(registry(), [pool("seven", registry=at_version(7)), tensorflow])
    assert models.twin(models.resolve(PYTORCH)) is None
    own_list = replace(tensorflow, registry=at_version(7))
    both = ModelRouter(registry(), [pool("seven", registry=at_version(7)), own_list])
    twin = both.twin(both.resolve(PYTORCH))
    assert twin
    assert twin.name == TENSORFLOW


def test_a_request_under_way_ends_where_it_began() -> None:
    """Though the registry meanwhile lists another version, or the model no more."""
    (model,) = registry().models
    canary = pool("canary", weight=900, registry=at_version(7))
    other = pool("other", models=frozenset({"another"}))
    models = ModelRouter(registry(), [canary, other, pool("stable", weight=1)])
    under_way = next(one for one in registry().served() if one.name == PYTORCH)
    gone = replace(model, name="another-model", dataset="another", architecture="model")
    for later in (at_version(4), Registry((gone,))):
        models.adopt(later)
        assert models.backend(under_way).name == "stable"
    with pytest.raises(UnknownModelError):
        models.backend(replace(under_way, model=gone, framework=Framework.TENSORFLOW))
