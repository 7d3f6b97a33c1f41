"""`make bench` in its short form: Mien against the theses' design and LitServe, start to report."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mien_bench.reports.csv_files import read_rows
from mien_bench.rivals.options import parse
from mien_bench.rivals.points import Row
from mien_bench.rivals.programs import TOOLS, is_installed
from mien_bench.rivals.results import AGREEMENT, ROWS, Agreed
from tests.running_system import ROOT, YUNET_DIR

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
QUICK = [sys.executable, "-m", "mien_bench.rivals", "--quick"]
PLAN = parse(["--quick"]).plan


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """What the command needs."""
    if not is_installed():
        pytest.skip(f"the baselines are missing: `make {TOOLS.relative_to(ROOT)}/.installed`")
    if not YUNET_DIR.is_dir():
        pytest.skip(f"YuNet's file is missing, which every baseline detects with: {YUNET_DIR}")
    return os.environ | {"MIEN_DETECTOR_MODEL_DIR": str(YUNET_DIR)}


@pytest.fixture(scope="module")
def report(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the short form writes."""
    folder = tmp_path_factory.mktemp("bench")
    done = subprocess.run(
        [*QUICK, "--out", str(folder)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_point_is_measured_without_a_wrong_answer(report: Path) -> None:
    rows = read_rows(report / ROWS, Row)
    assert [(row.system, row.picture, row.clients) for row in rows] == [
        (system.name, point.picture, point.clients)
        for system in PLAN.systems
        for point in PLAN.points
    ]
    for row in rows:
        assert (row.failures, row.failure) == (0, "")
        assert row.answers > 0
        assert row.rate > 0
        assert 0 < row.p50_ms <= row.p99_ms
        assert row.cpu_ms > 0


def test_all_find_the_same_faces_and_our_detection_gives_the_same_numbers(report: Path) -> None:
    rows = {(row.system, row.picture): row for row in read_rows(report / AGREEMENT, Agreed)}
    assert len(rows) == 2 * len(PLAN.systems)
    for (system, picture), row in rows.items():
        count = {"one-face": 1, "ten-faces": 10}[picture]
        assert row.expected == row.faces == row.matched == row.same_labels == count
        assert row.difference <= (0.1 if system == "thesis" else 1e-3)


def test_the_report_holds_every_system_against_mien(report: Path) -> None:
    text = (report / "report.md").read_text()
    for label in ("theses' design", "LitServe, our detection"):
        assert re.search(rf"\*\*{label}\*\*: one face, [\d.]+ times the throughput", text)
    assert "## Where Mien is not ahead" in text
    assert "| litserve | 0." in text
    html = (report / "report.html").read_text()
    assert html.count("data:image/svg+xml;base64,") == 3


def test_interrupted_it_stops_all_it_started_and_writes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    mark = {"MIEN_TEST_BENCH": str(tmp_path)}
    with subprocess.Popen(
        [*QUICK, "--systems", "thesis", "--out", str(tmp_path / "report")],
        env=environment | mark,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "face-detector is ready" not in (line := process.stdout.readline()):
            assert line, "it ended"
        assert len(marked(mark)) > 5
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.endswith("mien: interrupted; everything was stopped, and nothing written\n")
    assert marked(mark) == []
    assert not (tmp_path / "report").exists()


def marked(mark: dict[str, str]) -> list[str]:
    """The command lines of all processes that have this in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if mark.items() <= process.environ().items():
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
