"""The real server is started where there is one."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_real_server_is_started_with_the_same_flags(tmp_path: Path) -> None:
    """In the same process, so that signals reach it; without the flag it does not know."""
    program = tmp_path / "tensorflow_model_server"
    program.write_text('#!/bin/sh\necho "pid $$"\nfor flag in "$@"; do echo "$flag"; done\n')
    program.chmod(0o755)
    arguments = ["--port=8500", "--enable_batching", "--model_base_path=/models/m"]
    with subprocess.Popen(
        [sys.executable, "-m", "mien_tf_serving", "--host=0.0.0.0", *arguments],
        env=os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        output, _ = process.communicate(timeout=30)
    assert output.splitlines() == [f"pid {process.pid}", *arguments]
    assert process.returncode == 0
