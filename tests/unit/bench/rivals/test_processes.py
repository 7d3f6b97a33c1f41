"""Programs: started, frozen, stopped; and what their packages are."""

import re
import sys
import time
from pathlib import Path

import psutil
import pytest

from mien_bench.errors import BenchError
from mien_bench.rivals.points import cpu_seconds
from mien_bench.rivals.processes import awake, free_port, freeze, started, tree, wait_until_ready
from mien_bench.rivals.programs import FOLDER, Program

SERVER = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1")
# A child that works without end, which the parent waits for.
BUSY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


def test_a_program_is_waited_for_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    program = Program("server", (*SERVER, str(port)), ready="/")
    with started(program, tmp_path / "log") as pid:
        assert wait_until_ready(program, port, pid, tmp_path / "log") < 60
    assert not psutil.pid_exists(pid)


def test_one_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    program = Program("broken", (sys.executable, "-c", "raise SystemExit('no such weights')"))
    with (
        started(program, tmp_path / "log") as pid,
        pytest.raises(BenchError, match=r"broken does not start.*\n.*no such weights"),
    ):
        wait_until_ready(program, free_port(), pid, tmp_path / "log")


def test_frozen_programs_take_no_processor_time_and_are_stopped_all_the_same(
    tmp_path: Path,
) -> None:
    program = Program("busy", (sys.executable, "-c", BUSY))
    with started(program, tmp_path / "log") as pid:
        while len(tree([pid])) < 2:
            time.sleep(0.01)
        child = tree([pid])[1]
        freeze([pid])
        before = cpu_seconds([pid])
        time.sleep(0.3)
        assert cpu_seconds([pid]) - before <= 0.02
        with awake([pid]):
            while cpu_seconds([pid]) - before < 0.05:
                time.sleep(0.01)
        while child.status() != psutil.STATUS_STOPPED:
            time.sleep(0.01)
    # An orphan stays a zombie where nobody asks for its status.
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_every_package_of_the_baselines_is_pinned_and_known_by_its_hash() -> None:
    """`make lock` writes the one list from the other."""
    wanted = re.findall(
        r"^([a-z0-9-]+==\S+)", (FOLDER / "requirements.in").read_text(), re.MULTILINE
    )
    text = (FOLDER / "requirements.txt").read_text()
    locked = re.findall(
        r"^([a-z0-9-]+==\S+) \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
    )
    assert sorted(wanted) == sorted(locked)
    assert not re.search(r"https?:|file:|@", text)
