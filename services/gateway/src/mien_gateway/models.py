"""Which model server serves a model, and how a changed registry is taken up."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import random

import structlog

from mien_gateway.clients.model_server import Backend
from mien_gateway.clients.pools import Pool
from mien_gateway.errors import UnknownModelError
from mien_gateway.telemetry.logging import current_request_id
from mien_models.registry import Registry, RegistryError, ServedModel, load_registry

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """A model, in one version, in one pool."""

    model: ServedModel
    pool: Pool


Placements = Mapping[str, tuple[Route, ...]]


class ModelRouter:
    """The registry, laid over the pools.

    A model may lie in several pools, and a pool may serve another version of it: each
    request is then answered by one version, chosen by the pools' weights.
    """

    def __init__(self, registry: Registry, pools: Sequence[Pool]) -> None:
        """Raises RegistryError where no pool serves anything."""
        self._pools = tuple(pools)
        self.adopt(registry)

    def adopt(self, registry: Registry) -> None:
        """Serve what this registry lists; requests under way end as they began.

        Raises RegistryError where no pool serves any of it; then all stays as it was.
        """
        self._placements = self.place(registry)
        self.default = next(iter(self))

    def place(self, registry: Registry) -> Placements:
        """Return where each name would lie, in the registry's order.

        Raises RegistryError where no pool serves any of it.
        """
        placed: dict[str, list[Route]] = {served.name: [] for served in registry.served()}
        for pool in self._pools:
            for served in pool.serves(registry):
                placed.setdefault(served.name, []).append(Route(served, pool))
        found = {name: tuple(places) for name, places in placed.items() if places}
        if not found:
            message = "none of the model servers serves any model of the registry"
            raise RegistryError(message)
        return found

    def __iter__(self) -> Iterator[ServedModel]:
        """Every served name, the default first, in the version with the greatest weight."""
        return map(_heaviest, self._placements.values())

    def placements(self) -> tuple[Route, ...]:
        """Every model in every pool."""
        return tuple(place for places in self._placements.values() for place in places)

    def find(self, name: str) -> ServedModel:
        """Return the model of that name, in the version with the greatest weight.

        Raises UnknownModelError, with the names there are.
        """
        return _heaviest(self._of(name))

    def resolve(self, name: str) -> ServedModel:
        """Return the model that answers the request under way.

        An empty name is the default. Raises UnknownModelError, with the names there are.
        """
        places = self._of(name or self.default.name)
        # One number per request, so that all frames of a stream get the same version.
        return places[0].model if len(places) == 1 else _choose(places, request_share).model

    def twin(self, model: ServedModel) -> ServedModel | None:
        """Return the same version in the other framework, where it is served too."""
        return next(
            (
                place.model
                for place in self.placements()
                if place.model.framework is not model.framework
                and place.model.model.name == model.model.name
                and place.model.model.version == model.model.version
            ),
            None,
        )

    def backend(self, model: ServedModel) -> Backend:
        """Return the servers to ask for a model in its version.

        Raises UnknownModelError for one that no pool ever served.
        """
        known = self._placements.get(model.name, ())
        places = [place for place in known if place.model == model]
        if not places:  # the registry changed under a request, which ends as it began
            places = [Route(model, pool) for pool in self._pools if pool.served(model)]
        if not places:
            raise UnknownModelError(model.name, tuple(self._placements))
        return places[0].pool.backend if len(places) == 1 else _choose(places, random).pool.backend

    def servers(self, name: str) -> tuple[str, ...]:
        """Return the names of the pools that serve a model in any version."""
        return tuple(place.pool.backend.name for place in self._of(name))

    def _of(self, name: str) -> tuple[Route, ...]:
        try:
            return self._placements[name]
        except KeyError:
            raise UnknownModelError(name, tuple(self._placements)) from None


def request_share() -> float:
    """Return a number from 0 to 1 that is the same throughout one request."""
    request_id = current_request_id()
    if not request_id:
        return random()  # noqa: S311 - spreads load, guards nothing
    digest = blake2b(request_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _heaviest(places: Sequence[Route]) -> ServedModel:
    return max(places, key=lambda place: place.pool.weight).model


def _choose(places: Sequence[Route], share: Callable[[], float]) -> Route:
    """Return a place by the weights; one that is known to be away only where all are."""
    usable = [place for place in places if place.pool.usable(place.model)]
    candidates = [place for place in usable if place.pool.weight] or usable or places
    left = share() * sum(place.pool.weight for place in candidates)
    for place in candidates:
        left -= place.pool.weight
        if left < 0:
            return place
    return candidates[-1]


class RegistryWatch:
    """Looks at the registry's file now and then."""

    def __init__(self, path: Path, models: ModelRouter, timeout_seconds: float) -> None:
        self._path = path
        self._models = models
        self._timeout_seconds = timeout_seconds
        self._seen = _stamp(path)
        self._waiting: Registry | None = None

    async def look(self) -> None:
        """Read a changed file, and take up what its servers have."""
        stamp = _stamp(self._path)
        if stamp != self._seen:
            self._seen = stamp
            self._waiting = self._read()
        if self._waiting and await self._is_served(self._waiting):
            self._models.adopt(self._waiting)
            _log.info("models changed", models=_versions(self._waiting))
            self._waiting = None

    def _read(self) -> Registry | None:
        try:
            registry = load_registry(self._path)
            self._models.place(registry)
        except RegistryError as error:
            _log.error("registry not taken up", reason=str(error))
            return None
        return registry

    async def _is_served(self, registry: Registry) -> bool:
        known = set(map(_key, self._models.placements()))
        places = [place for places in self._models.place(registry).values() for place in places]
        new = [place for place in places if _key(place) not in known]
        return all(await asyncio.gather(*map(self._serves, new)))

    async def _serves(self, place: Route) -> bool:
        return await place.pool.backend.serves(place.model, self._timeout_seconds)


def _key(place: Route) -> tuple[str, str, int]:
    return (place.pool.backend.name, place.model.name, place.model.model.version)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when the file is written or replaced, or its permissions are."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_ctime_ns, status.st_ino)


def _versions(registry: Registry) -> dict[str, int]:
    return {model.name: model.version for model in registry.models}
