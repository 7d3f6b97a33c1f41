"""Reads scenarios from TOML; README.md of the load tests says how to write one."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from mien_loadtests.photos import FACES
from mien_loadtests.scenario import (
    CACHES,
    FRAMEWORKS,
    PROTOCOLS,
    Scenario,
    ScenarioError,
    Shares,
)
from mien_loadtests.stages import Stage
from mien_loadtests.verdict import Limits

OURS = Path(__file__).with_name("scenarios.toml")


def read_scenarios(path: Path = OURS) -> dict[str, Scenario]:
    """Return the scenarios of a file by name, in its order.

    Raises:
        ScenarioError: the file cannot be read, or says something that cannot be.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path}: {error}"
        raise ScenarioError(message) from error
    return {name: _Table(name, table).scenario() for name, table in tables.items()}


def find_scenario(name: str, path: Path = OURS) -> Scenario:
    """Return one scenario of a file.

    Raises:
        ScenarioError: there is none of that name, or the file is not right.
    """
    scenarios = read_scenarios(path)
    if name not in scenarios:
        message = f"there is no scenario {name!r}; there are {', '.join(scenarios)}"
        raise ScenarioError(message)
    return scenarios[name]


class _Table:
    """One scenario as it stands in the file; each question takes its answer out."""

    def __init__(self, name: str, table: object) -> None:
        self._name = name
        if not isinstance(table, dict):
            self._refuse("is no table")
        self._left: dict[str, Any] = dict(table)

    def scenario(self) -> Scenario:
        found = Scenario(
            name=self._name,
            about=self._take("about", str, ""),
            pictures=self._shares("pictures", FACES, ["one-face"]),
            caches=self._shares("caches", CACHES, ["off"]),
            protocols=self._shares("protocols", PROTOCOLS, list(PROTOCOLS)),
            frameworks=self._shares("frameworks", FRAMEWORKS, list(FRAMEWORKS)),
            rate=self._number("rate", 1.0),
            stages=self._stages(),
            limits=self._limits(),
        )
        if self._left:
            self._refuse(f"has no {', '.join(self._left)}")
        return found

    def _take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        value = self._left.pop(key, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            self._refuse(f"{key} is {value!r}, which it cannot be")
        return value

    def _number(self, key: str, default: float) -> float:
        value = float(self._take(key, (int, float), default))
        if not 0 <= value < float("inf"):
            self._refuse(f"{key} is {value!r}, which it cannot be")
        return value

    def _shares(self, key: str, known: Collection[str], default: list[str]) -> Shares:
        """Read a list of names, all with the same share, or a table of names and shares."""
        value = self._take(key, (list, dict), default)
        shares: dict[Any, Any] = dict(value if isinstance(value, Mapping) else _equal(value))
        if strange := [name for name in shares if name not in known]:
            self._refuse(f"{key} has {strange[0]!r}; there are {', '.join(known)}")
        if not shares or not all(_is_positive(share) for share in shares.values()):
            self._refuse(f"{key} must have names with shares above 0, but is {value!r}")
        return shares

    def _stages(self) -> tuple[Stage, ...]:
        stages = self._take("stages", list, [])
        if not stages or not all(map(_is_stage, stages)):
            self._refuse("stages must be pairs of seconds and users, such as [[30, 6]]")
        return tuple(Stage(float(seconds), users) for seconds, users in stages)

    def _limits(self) -> Limits:
        limits = _Table(f"{self._name}.limits", self._take("limits", dict, {}))
        found = Limits(**{one.name: limits._number(one.name, 0.0) for one in fields(Limits)})
        if limits._left:
            limits._refuse(f"has no {', '.join(limits._left)}")
        return found

    def _refuse(self, message: str) -> NoReturn:
        whole = f"{self._name}: {message}"
        raise ScenarioError(whole)


def _equal(names: list[Any]) -> list[tuple[Any, float]]:
    return [(str(name), 1.0) for name in names]


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


_IS_STAGE_PART: tuple[Callable[[object], bool], ...] = (
    _is_positive,
    lambda users: isinstance(users, int) and _is_positive(users),
)


def _is_stage(stage: object) -> bool:
    return (
        isinstance(stage, list)
        and len(stage) == len(_IS_STAGE_PART)
        and all(is_right(part) for is_right, part in zip(_IS_STAGE_PART, stage, strict=True))
    )
