"""Options of a run, added to Locust's own; each can be set by an environment variable, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

GRPC_PORT = 9000
_HERE = Path(__file__).parent
# Installed, the photo lies beside this file; in the repository it has one place only.
_PICTURES = (
    _HERE / "astronaut.jpg",
    _HERE.parents[2] / "stack" / "src" / "mien_stack" / "sample" / "astronaut.jpg",
)


def add_options(parser: Any) -> None:
    """Add what Locust cannot know."""
    _add(parser, "--model", "fer2013-squeezenet", "the model, without its framework")
    _add(parser, "--rate", 1.0, "requests a second of each user, however long answers take")
    _add(parser, "--grpc-target", "", f"gateway's gRPC (default: the host's port {GRPC_PORT})")
    _add(parser, "--api-key", "", "key to come in with", is_secret=True)
    _add(parser, "--picture", "", "a picture with one face (default: the sample photo)")
    _add(parser, "--timeout-seconds", 10.0, "longest wait for an answer")
    _add(parser, "--max-failure-ratio", 0.01, "the run fails above it, for any kind of request")
    _add(parser, "--max-p95-seconds", 0.0, "the run fails above it; 0: no limit")
    _add(parser, "--min-rate", 0.0, "the run fails below it, requests a second over all; 0: none")


def picture(options: Any) -> bytes:
    """Return the picture that is sent."""
    paths = [Path(options.picture)] if options.picture else _PICTURES
    return next((path for path in paths if path.exists()), paths[0]).read_bytes()


def grpc_target(options: Any) -> str:
    """Where the gateway answers gRPC."""
    return options.grpc_target or f"{urlsplit(options.host).hostname}:{GRPC_PORT}"


def stream_url(options: Any) -> str:
    """Where the gateway takes live streams."""
    return f"{options.host.replace('http', 'ws', 1).rstrip('/')}/v1/stream"


def _add(parser: Any, name: str, default: object, text: str, **more: object) -> None:
    variable = f"MIEN_LOAD_{name.removeprefix('--').replace('-', '_').upper()}"
    kind: Callable[[str], object] = type(default)
    parser.add_argument(name, type=kind, default=default, env_var=variable, help=text, **more)
