"""python -m mien_torch_serving.health: ends with 0 where every model answers, else with 1.

For a container's health check, which runs it again and again: it imports next to nothing.
TorchServe's own /ping says that all is well while a worker still loads its model, or fails to,
so each model is asked about an empty picture.
"""

import os
import struct
import sys
import zlib
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_TIMEOUT_SECONDS = 3.0
_OK = 200
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # an address to listen on, not to call


def main() -> int:
    """Ask the server that the environment describes; say which model does not answer."""
    host = os.environ.get("MIEN_TORCHSERVE_HOST", "127.0.0.1")
    port = int(os.environ.get("MIEN_TORCHSERVE_REST_PORT", "8080"))
    run_dir = Path(os.environ.get("MIEN_TORCHSERVE_RUN_DIR", "run/torchserve"))
    try:
        for model in served(run_dir / "config.properties"):
            ask(_EVERYWHERE.get(host, host), port, model)
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"mien-torch-serving: {error}\n")
        return 1
    return 0


def served(config: Path) -> list[str]:
    """Names of the models in the configuration that the server was started with."""
    lines = config.read_text(encoding="ascii").splitlines()
    archives = next(line.partition("=")[2] for line in lines if line.startswith("load_models="))
    return [archive.removesuffix(".mar") for archive in archives.split(",") if archive]


def ask(host: str, port: int, model: str) -> None:
    """Raise HTTPException unless the model answers."""
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    connection.request("PUT", f"/predictions/{model}", body=empty_png())
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != _OK:
        message = f"{model}: {answer.status} {body[:200].decode(errors='replace')}"
        raise HTTPException(message)


def empty_png() -> bytes:
    """One black pixel; the handler makes a face of the model's size of it."""
    parts = {b"IHDR": struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), b"IDAT": zlib.compress(b"\0\0")}
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in {**parts, b"IEND": b""}.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    sys.exit(main())
