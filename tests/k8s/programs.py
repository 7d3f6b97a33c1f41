"""Runs the real helm, kubectl and checkov; each rendering is made once in a session."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from k8s.tools import ToolError, locate
from tests.k8s.rendering import Manifest, Rendering, parse

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "k8s" / "helm" / "mien"
MORE_VALUES = Path(__file__).parent / "values"
HELMS = ("helm3", "helm4")
VERSIONS = ("1.29", "1.30", "1.31", "1.32", "1.33")
NEWEST = VERSIONS[-1]
RELEASE, NAMESPACE = "mien", "mien"
_SECONDS = 60
# The chart draws secrets that nobody gave; they differ from rendering to rendering.
_DRAWN = re.compile(r"^(  [a-z-]+: )\"?[A-Za-z0-9+/=]{24,}\"?$", re.MULTILINE)
_SECRET = re.compile(r"^kind: Secret$", re.MULTILINE)

CASES = {
    "default": None,
    **{path.stem.removeprefix("values-"): path for path in sorted(CHART.glob("values-*.yaml"))},
    **{f"test-{path.stem}": path for path in sorted(MORE_VALUES.glob("*.yaml"))},
}
"""Every file of values: the chart's own, and those here that reach its other branches."""


def values(case: str) -> list[str]:
    """Return the arguments of helm that a case is."""
    path = CASES[case]
    return ["--values", str(path)] if path else []


def program(name: str) -> str:
    """Return where a program is, or skip: only a first run needs the network."""
    found = _located(name)
    if isinstance(found, ToolError):
        pytest.skip(str(found))
    return str(found)


@cache
def _located(name: str) -> Path | ToolError:
    """Look once: offline, each look takes a while."""
    try:
        return locate(name)
    except ToolError as error:
        return error


def run(name: str, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever that is."""
    command = [program(name), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def template(helm: str, case: str, kubernetes: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run `helm template` with a file of values."""
    where = ["--namespace", NAMESPACE, "--kube-version", kubernetes]
    return run(helm, "template", RELEASE, CHART, *where, *values(case), *more)


@cache
def rendered(helm: str, case: str, kubernetes: str, *more: str) -> str:
    """Return what `helm template` prints, with all secrets that were drawn made equal."""
    done = template(helm, case, kubernetes, *more)
    assert done.returncode == 0, done.stderr
    documents = done.stdout.split("\n---\n")
    return "\n---\n".join(
        _DRAWN.sub(r"\1ZHJhd24=", document) if _SECRET.search(document) else document
        for document in documents
    )


@cache
def rendering(case: str, kubernetes: str = NEWEST, *more: str) -> Rendering:
    """Return the objects of a file of values."""
    return Rendering(case, kubernetes, parse(rendered("helm4", case, kubernetes, *more)))


def job_folders() -> list[Path]:
    """Return the folders of jobs that `kubectl apply -k` takes."""
    return sorted(path.parent for path in (ROOT / "k8s" / "jobs").rglob("kustomization.yaml"))


@cache
def kustomized(folder: Path) -> list[Manifest]:
    """Return what `kubectl apply -k` would send."""
    done = run("kubectl", "kustomize", folder)
    assert done.returncode == 0, done.stderr
    return parse(done.stdout)
