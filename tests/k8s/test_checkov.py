"""Checkov, a checker that others wrote, finds nothing that was not thought about."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.tools import variable
from tests.k8s.programs import CASES, NAMESPACE, ROOT, job_folders, kustomized, rendering, run
from tests.k8s.rendering import Manifest
from tests.k8s.report import Report

CONFIG = ROOT / "k8s" / ".checkov.yaml"
PINNED = ROOT / "k8s" / "requirements" / "checkov.txt"
FRAMEWORKS = ("kubernetes", "dockerfile")
SKIPPED = re.compile(r"^  - (CKV\w+)(?:  # (.+))?$", re.MULTILINE)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One run over all renderings, jobs and Dockerfiles, by framework."""
    folder = tmp_path_factory.mktemp("checkov")
    for case in CASES:
        (folder / f"{case}.yaml").write_text(installed(rendering(case).objects), encoding="utf-8")
    for jobs in job_folders():
        (folder / f"job-{jobs.name}.yaml").write_text(installed(kustomized(jobs)), encoding="utf-8")
    for path in dockerfiles():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    done = run("checkov", "--config-file", CONFIG, "--directory", folder, "--output", "json")
    assert done.returncode in {0, 1}, done.stderr
    read = json.loads(done.stdout)
    return {one["check_type"]: one for one in (read if isinstance(read, list) else [read])}


def installed(objects: list[Manifest]) -> str:
    """Return objects as `--namespace` leaves them in the cluster."""
    placed = [{**one, "metadata": {"namespace": NAMESPACE, **one["metadata"]}} for one in objects]
    return str(yaml.safe_dump_all(placed))


@cache
def dockerfiles() -> list[Path]:
    """Return what images are built from."""
    places = ("services", "training", "loadtests", "models")
    found = [path for place in places for path in (ROOT / place).rglob("Dockerfile*")]
    return sorted(path for path in found if path.suffix != ".dockerignore")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_nothing_is_found(
    framework: str, results: dict[str, dict[str, Any]], report: Report
) -> None:
    """And something was looked at."""
    summary = results[framework]["summary"]
    report.checkov[framework] = (summary["passed"], summary["failed"], summary["skipped"])
    if variable("checkov") not in os.environ:
        assert f"checkov=={summary['checkov_version']}" in PINNED.read_text(encoding="utf-8")
    assert summary["parsing_errors"] == 0
    assert summary["passed"] > 0
    failed = results[framework]["results"]["failed_checks"]
    found = [f"{one['check_id']} {one['check_name']}: {one['resource']}" for one in failed]
    assert not found, "\n".join(found)


def test_every_check_that_is_left_out_says_why(report: Report) -> None:
    """In the same line."""
    found = dict(SKIPPED.findall(CONFIG.read_text(encoding="utf-8")))
    report.skipped.update(found)
    assert found
    assert [check for check, reason in found.items() if not reason] == []


@pytest.mark.parametrize("path", dockerfiles(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_base_has_a_version(path: Path) -> None:
    """Checkov is not asked, for it does not look into build arguments."""
    text = path.read_text(encoding="utf-8")
    bases = set(re.findall(r"^FROM (?:--\S+ )?(\S+)", text, re.MULTILINE))
    stages = set(re.findall(r"^FROM .+ AS (\S+)$", text, re.MULTILINE))
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    named = {defaults.get(base.strip("${}"), base) for base in bases - stages - {"scratch"}}
    assert bases
    assert [name for name in named if not re.search(r":(?!latest)[^:/]+$|@sha256:", name)] == []
