"""`make profile` in its short form: from start to report."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien_bench.reports.csv_files import read_rows
from mien_bench.stages.budget import Stage
from mien_bench.stages.kinds import Kind
from mien_bench.stages.rows import FILE, OVERHEAD, WAITED, Row
from tests.running_system import ROOT, YUNET_DIR, stack_environment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not YUNET_DIR.is_dir(), reason="YuNet's file is missing: no other finds all ten faces"
    ),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the short form writes."""
    folder = tmp_path_factory.mktemp("profile")
    done = subprocess.run(
        [sys.executable, "-m", "mien_bench.stages", "--quick", "--out", str(folder / "report")],
        env=os.environ | stack_environment(folder / "run"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=220,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("budget") == 4
    return folder / "report"


def test_every_stage_of_every_kind_is_told(report: Path) -> None:
    """With figures that can be right: no stage takes longer than the client waited."""
    rows = read_rows(report / FILE, Row)
    assert {row.kind for row in rows} == set(Kind)
    assert {row.framework for row in rows} == {"pytorch", "tensorflow"}
    assert {row.stage for row in rows} == {*Stage, WAITED, OVERHEAD}
    assert all(math.isfinite(row.milliseconds) for row in rows)
    for kind in Kind:
        waited = [row.milliseconds for row in rows if (row.kind, row.stage) == (kind, WAITED)]
        spent = [row.milliseconds for row in rows if row.kind == kind and row.stage in set(Stage)]
        assert 0 < max(spent) < max(waited)


def test_what_is_known_skips_stages(report: Path) -> None:
    """A known face asks no model, a known picture no detector."""
    found = {
        (row.kind, row.stage): row.milliseconds
        for row in read_rows(report / FILE, Row)
        if row.framework == "tensorflow"
    }
    assert found[Kind.SAME_FACE, Stage.INFERENCE] == found[Kind.SAME_FACE, Stage.MODEL_HOP] == 0
    assert found[Kind.SAME_FACE, Stage.DETECT] > 0
    assert found[Kind.SAME_PICTURE, Stage.DETECT] == 0
    assert found[Kind.SAME_PICTURE, Stage.REDIS] > 0


def test_the_pages_stand_alone(report: Path) -> None:
    """The HTML file asks nobody for anything."""
    assert (report / "report.md").read_text().startswith("# Where a request's time goes")
    html = (report / "report.html").read_text()
    assert "data:image/svg+xml" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
