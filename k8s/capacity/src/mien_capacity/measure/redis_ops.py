"""What an operation costs Redis when it is busy: at a low rate, waking up is most of it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from redis import Redis

from mien_stack.usage import usage

_SECONDS = 4.0
_CLIENTS = 16
# Small as what is kept of a face, or large as an answer with four.
_VALUE = b"x" * 600
_TTL_MILLISECONDS = 3_600_000


@dataclass(frozen=True, slots=True)
class RedisCost:
    """CPU microseconds of one operation, and how many there were a second."""

    get_us: float
    set_us: float
    seen_per_second: float


def redis_cost(port: int, pid: int) -> RedisCost:
    """Look values up, then keep some, with many clients that wait for each answer."""
    get_us, seen = _busy(port, pid, writes=False)
    set_us, _ = _busy(port, pid, writes=True)
    return RedisCost(get_us, set_us, seen)


def _busy(port: int, pid: int, *, writes: bool) -> tuple[float, float]:
    deadline = time.monotonic() + _SECONDS
    before = usage({"redis": pid})
    with ThreadPoolExecutor(_CLIENTS) as pool:
        done = list(pool.map(lambda n: _client(port, n, deadline, writes=writes), range(_CLIENTS)))
    seconds = usage({"redis": pid}).since(before)["redis"]
    return seconds * 1e6 / sum(done), sum(done) / _SECONDS


def _client(port: int, number: int, deadline: float, *, writes: bool) -> int:
    operations = 0
    with Redis(host="127.0.0.1", port=port) as client:
        while time.monotonic() < deadline:
            key = f"capacity:{number}:{operations % 1000}"
            if writes:
                client.set(key, _VALUE, px=_TTL_MILLISECONDS)
            else:
                client.mget([key])
            operations += 1
    return operations
