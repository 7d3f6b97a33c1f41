"""python -m mien_gateway.worker.alive: ends with 0 where this machine's worker is at work.

A worker answers on no port, so it leaves a file behind again and again. A Redis that is away is
no reason to end a worker, hence nothing is asked of it here.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

# With the user in its name: others on this machine may have workers too.
FILE = Path(tempfile.gettempdir()) / f"mien-worker-alive-{os.getuid()}"
SILENT_SECONDS = 120.0
"""RQ waits for a job in turns of seconds, and for a Redis that is away in turns of a minute."""


def beat() -> None:
    """Say that the worker is at work."""
    FILE.touch()


def main() -> int:
    """Look at the worker's last sign of life."""
    try:
        age = time.time() - FILE.stat().st_mtime
    except OSError:
        sys.stderr.write(f"mien-gateway worker: no sign of life: {FILE} is not there\n")
        return 1
    if age > SILENT_SECONDS:
        sys.stderr.write(f"mien-gateway worker: no sign of life for {age:.0f} s\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
