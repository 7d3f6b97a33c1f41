"""python -m mien_gateway.health: ends with 0 where this machine's gateway is ready, else with 1.

For a container's health check, which runs it again and again: it imports next to nothing.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

_TIMEOUT_SECONDS = 3.0
_OK = 200
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # an address to listen on, not to call


def main() -> int:
    """Ask the gateway that the environment describes; say why it is not ready."""
    host = os.environ.get("MIEN_GATEWAY_REST_HOST", "127.0.0.1")
    port = int(os.environ.get("MIEN_GATEWAY_REST_PORT", "8000"))
    connection = HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read().decode()
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"mien-gateway: no answer: {error}\n")
        return 1
    if answer.status != _OK:
        sys.stderr.write(f"mien-gateway: {body}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
