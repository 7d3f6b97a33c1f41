"""Further gateways before the parts of a running system."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mien_stack.processes import processes
from mien_stack.settings import StackSettings


@contextmanager
def gateway(settings: StackSettings, **variables: str) -> Iterator[str]:
    """Start one with the system's own settings and these besides; yields its address."""
    [ours] = [process for process in processes(settings) if process.name == "gateway"]
    free = {"MIEN_GATEWAY_REST_PORT": "0", "MIEN_GATEWAY_GRPC_PORT": "0"}
    environment = os.environ | ours.environment | free | variables
    with subprocess.Popen(
        [sys.executable, "-m", "mien_gateway"], env=environment, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        entries = map(json.loads, process.stderr)
        yield f"http://{next(one['rest'] for one in entries if one['event'] == 'listening')}"
        process.terminate()
        process.stderr.read()
