"""What one run does: its scenario, with the options laid over it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mien_loadtests.answers import Expected
from mien_loadtests.noise import noisy
from mien_loadtests.options import LIMITS
from mien_loadtests.photos import Photo, photo
from mien_loadtests.scenario import CACHES, HIT, OFF, STREAMS, Scenario, ScenarioError, Shares
from mien_loadtests.scenario_file import OURS, find_scenario
from mien_loadtests.stages import scaled

DEFAULT_HOST = "http://127.0.0.1:8000"
_GRPC_PORT = 9000


@dataclass(frozen=True, slots=True)
class Errand:
    """One request to be made."""

    name: str
    """Under which it is reported."""
    photo: Photo
    cache: str
    """`off`, `miss` or `hit`."""
    expected: Expected


@dataclass(frozen=True, slots=True)
class Plan:
    """A run."""

    scenario: Scenario
    photos: Mapping[str, Photo]
    """By the names that the scenario draws."""
    model: str
    """Without its framework."""
    host: str
    """The gateway, as http://host:port."""
    grpc_target: str
    api_key: str
    timeout_seconds: float

    @property
    def stream_url(self) -> str:
        """Where the gateway takes live streams."""
        return f"{self.host.replace('http', 'ws', 1)}/v1/stream"

    def draw(self, protocol: str, framework: str) -> Errand:
        """Draw a request for a user of that protocol to that framework's twin."""
        picture = self.photos[_drawn(self.scenario.pictures)]
        cache = OFF if protocol in STREAMS else _drawn(self.scenario.caches)
        return self.errand(framework, picture, cache)

    def errand(self, framework: str, picture: Photo, cache: str) -> Errand:
        """Return a request; its name says the model, and the cache where the scenario mixes them.

        An answer from the cache and one that was computed have no percentile in common.
        """
        model = f"{self.model}-{framework}"
        name = f"{model} {cache}" if len(self.scenario.caches) > 1 else model
        return Errand(name, picture, cache, Expected(model, picture.faces, CACHES[cache]))

    def hot(self, framework: str) -> list[Errand]:
        """Return the requests whose answers the cache must have before the run counts."""
        if HIT not in self.scenario.caches:
            return []
        return [self.errand(framework, picture, HIT) for picture in self.photos.values()]


def plan_of(options: Mapping[str, Any], host: str | None) -> Plan:
    """Return the run that options ask for; see `mien_loadtests.options`.

    Raises:
        ScenarioError: there is no such scenario or picture, or it is not right.
    """
    file = Path(options["scenario_file"]) if options["scenario_file"] else OURS
    scenario = _changed(find_scenario(options["scenario"], file), options)
    photos = {name: photo(name) for name in scenario.pictures}
    if options["picture"]:
        own = _own_photo(Path(options["picture"]), options["faces"])
        photos = {own.name: own}
        scenario = replace(scenario, pictures={own.name: 1.0})
    host = (host or DEFAULT_HOST).rstrip("/")
    return Plan(
        scenario=scenario,
        photos=photos,
        model=options["model"],
        host=host,
        grpc_target=options["grpc_target"] or f"{urlsplit(host).hostname}:{_GRPC_PORT}",
        api_key=options["api_key"],
        timeout_seconds=options["timeout_seconds"],
    )


def _changed(scenario: Scenario, options: Mapping[str, Any]) -> Scenario:
    """Return the scenario with what options set anew."""
    limits = {
        field: options[name.removeprefix("--").replace("-", "_")]
        for name, (field, _) in LIMITS.items()
    }
    given = {field: value for field, value in limits.items() if value is not None}
    rate = options["rate"] if options["rate"] is not None else scenario.rate
    if rate < 0 or options["duration_scale"] <= 0:
        message = "--rate must be 0 or more, --duration-scale more than 0"
        raise ScenarioError(message)
    limit = scenario.limits.rate
    if scenario.rate:
        # The scenario's is for its own users at their own rate.
        users = options.get("num_users") or scenario.most_users
        limit *= users * (rate or scenario.rate) / (scenario.most_users * scenario.rate)
    return replace(
        scenario,
        rate=rate,
        stages=scaled(scenario.stages, options["duration_scale"]),
        limits=replace(scenario.limits, **{"rate": limit} | given),
    )


def _own_photo(path: Path, faces: int) -> Photo:
    try:
        data = path.read_bytes()
        noisy(data, 0)
    except (OSError, ValueError) as error:
        message = f"the picture {path} cannot be used: {error}"
        raise ScenarioError(message) from error
    return Photo(path.name, faces, data)


def _drawn(shares: Shares) -> str:
    (name,) = random.choices(list(shares), list(shares.values()))  # noqa: S311 - no secret
    return name
