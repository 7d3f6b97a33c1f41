"""python -m mien_gateway.worker: reads the environment and works videos off."""

import os
import signal
import sys
import time

import structlog
from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from mien_gateway.clients.channel import choose_engine
from mien_gateway.settings import Settings, meaning, variable
from mien_gateway.telemetry.logging import configure_logging
from mien_gateway.worker.alive import beat
from mien_gateway.worker.job import prepare
from mien_gateway.worker.worker import VideoWorker
from mien_models.registry import RegistryError

_log = structlog.get_logger("mien_gateway.worker")

_MISCONFIGURED = 2
_PAUSE_SECONDS = 1.0


def main() -> int:
    """Return the exit status: 0 after a stop that was asked for, 2 for bad settings."""
    choose_engine(os.environ)
    try:
        settings = Settings()
        prepare(settings)
    except ValidationError as error:
        for item in error.errors():
            name = variable(str(item["loc"][0]))
            _complain(f"{name}: {item['msg']}. It is: {meaning(name)}")
        return _MISCONFIGURED
    except RegistryError as error:
        _complain(str(error))
        return _MISCONFIGURED
    if not settings.redis_url:
        _complain("the queue of videos is in Redis: set MIEN_GATEWAY_REDIS_URL")
        return _MISCONFIGURED
    configure_logging(settings.log_level)
    _work(settings)
    _log.info("stopped")
    return 0


def _work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; wait for a Redis that is away."""
    while True:
        beat()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _exit)
        try:
            with Redis.from_url(settings.redis_url) as connection:
                warn_of_eviction(connection)
                worker = VideoWorker(settings, connection)
                _log.info("waiting for videos")
                worker.work(logging_level=settings.log_level)
                if worker.stopping:
                    return
        except (RedisError, OSError) as error:
            _log.warning("queue away", error=type(error).__name__)
        time.sleep(_PAUSE_SECONDS)


def warn_of_eviction(connection: Redis) -> None:
    """Say so where Redis is set to evict what has no expiry: it could be a job."""
    policy = str(connection.info("memory").get("maxmemory_policy", ""))
    if policy.startswith("allkeys"):
        _log.warning(
            "redis may evict jobs", maxmemory_policy=policy, remedy="set it to volatile-lru"
        )


def _exit(number: int, frame: object) -> None:
    """Between two connections to Redis there is nothing to be finished."""
    del number, frame
    sys.exit(0)


def _complain(message: str) -> None:
    sys.stderr.write(f"mien-gateway worker: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
