"""What the chart comes to, kept so that a change shows what it changes.

`make snapshots` writes them anew; k8s/manifests is the one of values-cpu.yaml.
"""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from tests.k8s.programs import CASES, rendering
from tests.k8s.rendering import name_of

FOLDER = Path(__file__).parent / "snapshots"
KEPT = [case for case in CASES if case != "cpu" and not case.startswith("test-")]
HEADING = "# Written by `make snapshots`: look at what a change of the chart changes here.\n"
LONG = 400


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def snapshot(case: str) -> str:
    """Return the text of a snapshot; long texts that lie elsewhere stand as their hash."""
    objects = {name_of(one): short(one) for one in rendering(case).objects}
    return HEADING + yaml.dump(objects, Dumper=_Dumper, default_flow_style=None, width=100)


def short(value: Any) -> Any:
    """Return a value with its long texts replaced."""
    if isinstance(value, dict):
        return {key: short(one) for key, one in value.items()}
    if isinstance(value, list):
        return [short(one) for one in value]
    if isinstance(value, str) and len(value) > LONG:
        digest = hashlib.sha256(value.encode()).hexdigest()[:16]
        return f"{len(value.splitlines())} lines, sha256 {digest}"
    return value


def main() -> None:
    """Write all of them, and take away what no values bring any more."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.yaml"):
        if path.stem not in KEPT:
            path.unlink()
    for case in KEPT:
        (FOLDER / f"{case}.yaml").write_text(snapshot(case), encoding="utf-8")


if __name__ == "__main__":
    main()
