"""Follows the list of models, so that a new version needs no restart.

A new version is taken up when its server has it, all of a changed list at once. Until then
the old list holds, and requests under way end with the version they began with.
"""

import asyncio
from pathlib import Path

import structlog

from mien_gateway.models import Models, Placement
from mien_models.registry import Registry, RegistryError, load_registry

_log = structlog.get_logger(__name__)


class RegistryWatch:
    """Looks at the registry's file now and then."""

    def __init__(self, path: Path, models: Models, timeout_seconds: float) -> None:
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

    async def _serves(self, place: Placement) -> bool:
        return await place.pool.backend.serves(place.model, self._timeout_seconds)


def _key(place: Placement) -> tuple[str, str, int]:
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
