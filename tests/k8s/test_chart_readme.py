"""The chart's README explains every value, and tells the defaults that there are."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.k8s.programs import CHART
from tests.k8s.rules.measures import ADAPTED

README = (CHART / "README.md").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
ROW = re.compile(r"^\| `([\w.]+)` \|([^|]*)\| .+ \|$", re.MULTILINE)
LITERAL = re.compile(r"`([^`]*)`")
# Of these one line says all: what is in them is Kubernetes' own, or the same for each image.
WHOLE = re.compile(r"(^|\.)(resources|behavior|image|labels)$|^images\.\w+$")


def values(value: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Return the path of each value that can be set, with its default."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from values(inner, f"{above}.{key}".removeprefix("."))
    else:
        yield above, value


def test_every_value_is_explained() -> None:
    """In a row of its own, or of what it belongs to."""
    rows = {row[0] for row in ROW.findall(README)}
    whole = {row for row in rows if WHOLE.search(row)}
    missing = [
        key
        for key, _ in values(VALUES)
        if key not in rows and not any(key.startswith(f"{row}.") for row in whole)
    ]
    assert missing == []


def test_the_defaults_are_those_of_the_chart() -> None:
    """Wherever the README writes one down."""
    defaults = dict(values(VALUES))
    told = {
        key: yaml.safe_load(literal[1])
        for key, cell in ROW.findall(README)
        if key in defaults and (literal := LITERAL.fullmatch(cell.strip()))
    }
    assert len(told) > 20
    assert told == {key: defaults[key] for key in told}


def test_what_an_adapter_must_compute_is_shown() -> None:
    """Nothing exports it, so the README has the adapter's rule."""
    assert [name for name in ADAPTED if f"as: {name} " not in README] == []
