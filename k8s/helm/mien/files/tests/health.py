"""Run by `helm test`: the gateway lives, is ready, and tells how its parts are."""

import json
import os
import sys
import urllib.request

for path in ("/healthz", "/readyz"):
    with urllib.request.urlopen(os.environ["GATEWAY_URL"] + path, timeout=10) as answer:  # noqa: S310 (the chart's own URL)
        sys.stdout.write(f"{path}: {answer.status} {json.loads(answer.read())}\n")
