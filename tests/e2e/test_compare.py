"""`make compare` in its short form: PyTorch against TensorFlow, from start to report."""

import base64
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mien_bench.compare.options import parser, plan_of
from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import INSIDE
from mien_bench.compare.rows import (
    COLD_START,
    FIRST_CALL,
    MEMORY_LOADED,
    MODEL_SIZE,
    Results,
    load_results,
)
from mien_models import load_registry
from tests.running_system import ROOT, stack_environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
QUICK = [sys.executable, "-m", "mien_bench.compare", "--quick"]
PLAN = plan_of(parser().parse_args(["--quick"]), load_registry(ROOT / "models" / "registry.yaml"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the short form writes."""
    folder = tmp_path_factory.mktemp("compare")
    environment = os.environ | stack_environment(folder / "run")
    done = subprocess.run(
        [*QUICK, "--out", str(folder / "report")],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report"


@pytest.fixture(scope="module")
def results(report: Path) -> Results:
    """What it measured."""
    return load_results(report)


def test_every_cell_of_both_twins_is_measured_without_a_failure(results: Results) -> None:
    """And every figure is one."""
    expected = {(cell, twin) for cell in PLAN.cells() for twin in (PYTORCH, TENSORFLOW)}
    assert {(one.cell, one.framework) for one in results.rounds} == expected
    assert len(results.rounds) == len(expected)
    assert results.failures == []
    for one in results.rounds:
        assert one.failures == 0
        assert 0 < one.p50_ms <= one.p95_ms <= one.p99_ms < math.inf
        assert one.answers > 0
        assert 0 < one.rate < math.inf
        assert 0 < one.cpu_ms_per_face < math.inf


def test_starts_first_calls_memory_and_sizes_are_measured(results: Results) -> None:
    """Of either framework."""
    firsts = {f"{FIRST_CALL} {way}" for way in INSIDE}
    for twin in (PYTORCH, TENSORFLOW):
        found = {one.what: one.value for one in results.facts if one.framework is twin}
        assert {COLD_START, MEMORY_LOADED, MODEL_SIZE, *firsts} <= found.keys()
        assert all(0 < value < math.inf for value in found.values())


def test_the_conditions_say_what_was_measured(results: Results) -> None:
    """Which servers, which threads, which detector."""
    conditions = results.conditions
    assert set(conditions["servers"]) == {"pytorch", "tensorflow"}
    assert conditions["detector"]
    assert conditions["machine"]["logical cores"]
    assert {"torch", "tensorflow-cpu"} <= conditions["versions"].keys()
    assert "--quick" in conditions["command"]


def test_the_report_shows_it(report: Path) -> None:
    """Every plot stands in the page itself, which asks nobody for anything."""
    text, html = (report / "report.md").read_text(), (report / "report.html").read_text()
    names = re.findall(r"!\[[^]]+\]\(([a-z-]+\.svg)\)", text)
    assert len(names) == len(list(report.glob("*.svg"))) == 8
    for name in names:
        drawn = (report / name).read_bytes()
        assert drawn.rstrip().endswith(b"</svg>")
        assert base64.b64encode(drawn).decode() in html
    assert "nan" not in text.lower()
    assert not re.search(r'(?:src|href)="https?:', html)


def test_an_interrupt_before_anything_was_measured_leaves_nothing(tmp_path: Path) -> None:
    """Neither a report nor a process."""
    environment = os.environ | stack_environment(tmp_path / "run")
    with subprocess.Popen(
        [*QUICK, "--out", str(tmp_path / "report")],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert "TorchServe" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=90)[1]
    assert running.returncode == 1
    assert said.endswith("nothing was measured of both twins, so there is no report\n")
    assert not (tmp_path / "report").exists()
