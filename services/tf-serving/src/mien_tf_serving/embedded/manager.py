"""Decides which versions of which models are loaded, and finds them for requests.

The policy is the real server's "availability preserving" one: a new version is loaded before
an old one goes, and one that cannot be loaded replaces nothing.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import structlog

from mien_tf_serving.config_files import ModelSettings
from mien_tf_serving.embedded.versions import Servable, State, Version, VersionStatus, discover
from mien_tf_serving.errors import (
    FailedPrecondition,
    Failure,
    InvalidArgument,
    NotFound,
    ServingError,
)

_log = structlog.get_logger(__name__)

Loader = Callable[[str, int, Path], Servable]


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """What happens when a version cannot be loaded."""

    retries: int = 5
    """Attempts after the first one."""
    interval_seconds: float = 60.0


class ModelManager(Generic[Servable]):
    """Keeps the configured models loaded. Requests never wait for a load."""

    def __init__(
        self,
        load: Loader[Servable],
        *,
        retry: RetryPolicy = RetryPolicy(),
        labels_may_be_early: bool = False,
    ) -> None:
        self._load = load
        self._retry = retry
        self._labels_may_be_early = labels_may_be_early
        self._models: dict[str, ModelSettings] = {}
        self._versions: dict[str, dict[int, Version[Servable]]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        # What requests see. A mapping in here is replaced, never changed, so that a request
        # finds the old version or the new one, but never the gap between them.
        self._serving: dict[str, dict[int, Servable]] = {}
        self._reconciling = threading.Lock()

    def configure(self, models: Iterable[ModelSettings]) -> None:
        """Serve exactly ``models`` from now on; returns when each was loaded or has failed.

        Raises:
            NotFound: a model that is new has no base path.
            FailedPrecondition: a label names a version that is not available.
                After either, what was served before still is.
        """
        wanted = {model.name: model for model in models}
        for name in wanted.keys() - self._models.keys():
            discover(wanted[name].base_path)
        with self._reconciling:
            before, self._models = self._models, wanted
            self._load_the_new()
            try:
                self._labels = self._checked_labels(wanted)
            except FailedPrecondition:
                self._models = before
                raise
            finally:
                self._unload_the_old()

    def reconcile(self) -> None:
        """Load what has appeared on disk and unload what it replaces."""
        with self._reconciling:
            self._load_the_new()
            self._unload_the_old()

    def find(self, name: str, version: int | None = None, label: str = "") -> tuple[int, Servable]:
        """Return the number and the servable of a version, the newest if none is named.

        Raises:
            NotFound: it is not available.
            InvalidArgument: there is no such label.
        """
        if label:
            version = self._labelled(name, label)
        serving = self._serving.get(name, {})
        number = max(serving, default=None) if version is None else version
        if number is None or number not in serving:
            request = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            message = f"Servable not found for request: {request}"
            raise NotFound(message)
        return number, serving[number]

    def statuses(
        self, name: str, version: int | None = None, label: str = ""
    ) -> list[VersionStatus]:
        """Return what is known about the versions of a model, newest first.

        Raises:
            NotFound: nothing is known.
            InvalidArgument: there is no such label.
        """
        if label:
            version = self._labelled(name, label)
        versions = self._versions.get(name, {})
        if version is not None and version not in versions:
            message = f"Could not find version {version} of model {name}"
            raise NotFound(message)
        if not versions:
            message = f"Could not find any versions of model {name}"
            raise NotFound(message)
        numbers = sorted(versions, reverse=True) if version is None else [version]
        return [
            VersionStatus(number, versions[number].state, versions[number].error)
            for number in numbers
        ]

    def all_available(self) -> bool:
        """Whether every configured model has a version that serves."""
        return all(self._serving.get(name) for name in self._models)

    def _labelled(self, name: str, label: str) -> int:
        number = self._labels.get(name, {}).get(label)
        if number is None:
            message = f"Unrecognized servable version label: {label}"
            raise InvalidArgument(message)
        return number

    def _checked_labels(self, models: dict[str, ModelSettings]) -> dict[str, dict[str, int]]:
        for model in models.values():
            versions = self._versions.get(model.name, {})
            for number in model.labels.values():
                ready = number in versions and versions[number].available
                if not ready and not self._labels_may_be_early:
                    message = (
                        f"Request to assign label to version {number} of model {model.name}, "
                        "which is not currently available for inference"
                    )
                    raise FailedPrecondition(message)
        return {model.name: dict(model.labels) for model in models.values()}

    def _load_the_new(self) -> None:
        for name in self._models:
            found = self._wanted(name)
            if found is None:
                continue
            known = dict(self._versions.get(name, {}))
            self._forget_the_gone(known, set(found))
            for number in sorted(found):
                known.setdefault(number, Version(number=number))
            self._versions[name] = known
            for number, directory in sorted(found.items()):
                self._try_to_load(name, known[number], directory)
            self._publish(name)

    def _unload_the_old(self) -> None:
        for name, known in self._versions.items():
            wanted = self._wanted(name)
            if wanted is None:
                continue
            available = any(known[number].available for number in wanted if number in known)
            if available or not wanted:
                self._unload(name, [known[number] for number in known.keys() - wanted.keys()])
                self._publish(name)

    def _wanted(self, name: str) -> dict[int, Path] | None:
        """Return the versions that the configuration asks for and the disk has.

        None means that the disk does not tell: then everything stays as it is.
        """
        model = self._models.get(name)
        if model is None:
            return {}
        try:
            found = discover(model.base_path)
        except NotFound as error:
            _log.warning("base_path_unreadable", model=name, reason=str(error))
            return None
        return {number: found[number] for number in model.policy.choose(set(found))}

    def _publish(self, name: str) -> None:
        self._serving[name] = {
            version.number: version.servable
            for version in self._versions[name].values()
            if version.available and version.servable is not None
        }

    @staticmethod
    def _forget_the_gone(known: dict[int, Version[Servable]], wanted: set[int]) -> None:
        """Let a version that ended and left begin anew when it comes back."""
        for number, version in list(known.items()):
            if version.state is State.END:
                if number in wanted and not version.aspired:
                    del known[number]
                elif number not in wanted:
                    version.aspired = False

    def _try_to_load(self, name: str, version: Version[Servable], directory: Path) -> None:
        now = time.monotonic()
        if version.state not in {State.START, State.LOADING} or now < version.retry_at:
            return
        version.state = State.LOADING
        version.attempts += 1
        try:
            version.servable = self._load(name, version.number, directory)
        except ServingError as error:
            self._note_failure(name, version, error)
        except Exception as error:  # noqa: BLE001 - one broken model must not stop the others
            self._note_failure(name, version, Failure(f"{type(error).__name__}: {error}"))
        else:
            version.error = None
            version.state = State.AVAILABLE
            _log.info("version_available", model=name, version=version.number)

    def _note_failure(self, name: str, version: Version[Servable], error: ServingError) -> None:
        version.error = error
        version.retry_at = time.monotonic() + self._retry.interval_seconds
        gives_up = version.attempts > self._retry.retries
        if gives_up:
            version.state = State.END
        _log.error(
            "version_failed_to_load",
            model=name,
            version=version.number,
            attempt=version.attempts,
            gives_up=gives_up,
            reason=str(error),
        )

    @staticmethod
    def _unload(name: str, versions: list[Version[Servable]]) -> None:
        for version in versions:
            if version.state is State.END:
                continue
            was_available = version.available
            version.state = State.UNLOADING
            # Requests under way hold the servable; it is freed when the last one ends.
            version.servable = None
            version.state = State.END
            version.aspired = False
            if was_available:
                _log.info("version_unloaded", model=name, version=version.number)
