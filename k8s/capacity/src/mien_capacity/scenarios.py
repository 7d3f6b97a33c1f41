"""Scenarios: a day's traffic, what the frames are like, and the chart's values for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mien_capacity.chart import load_values
from mien_capacity.inputs import Assumed, Measured
from mien_capacity.mix import Mix
from mien_capacity.paths import CHART_VALUES, SCENARIOS
from mien_capacity.system import System, system
from mien_capacity.traffic import Traffic


class Scenario(BaseModel):
    """`scenarios/<name>.yaml`; `cells` releases alike share the load, one is simulated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    cells: Annotated[int, Field(ge=1)] = 1
    traffic: Traffic
    mix: Mix = Mix()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario and the system that meets it."""

    name: str
    scenario: Scenario
    system: System

    @property
    def peak(self) -> float:
        """Frames a second of all cells together."""
        return self.scenario.traffic.peak * self.scenario.cells


def names() -> list[str]:
    """Every scenario there is, the smallest first."""
    found = [path.stem for path in SCENARIOS.glob("*.yaml") if not path.stem.endswith(".values")]
    return sorted(found, key=lambda name: (len(name), name))


def overlay(name: str) -> Path:
    """Return the values that a scenario lays over the chart's."""
    return SCENARIOS / f"{name}.values.yaml"


def prepare(
    name: str, measured: Measured, assumed: Assumed, values: Path = CHART_VALUES
) -> Prepared:
    """Read a scenario, with its values over the chart's."""
    text = (SCENARIOS / f"{name}.yaml").read_text()
    scenario = Scenario.model_validate(yaml.safe_load(text))
    merged = load_values(values, overlay(name))
    return Prepared(name, scenario, system(merged, scenario.mix, measured, assumed))
