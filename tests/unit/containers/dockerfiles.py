"""Reads Dockerfiles, as far as the checks need."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.running_system import ROOT

ALL = sorted(
    path
    for path in ROOT.rglob("*ockerfile")
    if not {".venv", "build", "node_modules"} & set(path.relative_to(ROOT).parts)
)


def name_of(path: Path) -> str:
    """How a test calls a Dockerfile."""
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Instruction:
    """One line, continuations joined."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of the exec form; raises ValueError where it is another."""
        found: list[str] = json.loads(self.text)
        return found


def instructions(path: Path) -> list[Instruction]:
    """Every instruction of every stage, in order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    joined = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    whole = re.sub(r"\\\n\s*", " ", joined)
    return [
        Instruction(*line.split(maxsplit=1)) for line in whole.splitlines() if " " in line.strip()
    ]


def final_stage(path: Path) -> list[Instruction]:
    """Those of the image itself."""
    found = instructions(path)
    start = max(place for place, one in enumerate(found) if one.name == "FROM")
    return found[start:]


def last(path: Path, name: str) -> Instruction:
    """The instruction of that name that holds in the image."""
    return next(one for one in reversed(final_stage(path)) if one.name == name)


def defaults(path: Path) -> dict[str, str]:
    """Build arguments and what they are when nothing is given."""
    pairs = (one.text.partition("=") for one in instructions(path) if one.name == "ARG")
    return {name: value for name, equals, value in pairs if equals}
