"""python -m mien_gateway: reads the environment and runs the gateway."""

import os
import sys

import uvloop
from pydantic import ValidationError

from mien_gateway.app import AddressInUseError, serve
from mien_gateway.auth.api_keys import ApiKeysError
from mien_gateway.auth.startup_checks import PreconditionError, check_preconditions
from mien_gateway.cache.keys import CacheKeyFileError
from mien_gateway.clients.channel import choose_engine
from mien_gateway.clients.pools import PoolsError
from mien_gateway.http.static import PageError
from mien_gateway.settings import Settings, meaning, variable
from mien_gateway.telemetry.logging import configure_logging
from mien_gateway.telemetry.tracing import traced
from mien_models.registry import RegistryError, load_registry

_MISCONFIGURED = 2
_MISTAKES = (
    PreconditionError,
    ApiKeysError,
    CacheKeyFileError,
    PoolsError,
    PageError,
    RegistryError,
    AddressInUseError,
)


def main() -> int:
    """Return the exit status: 0 after a stop that was asked for, 2 for bad settings."""
    choose_engine(os.environ)
    try:
        settings = Settings()
        check_preconditions(settings)
        registry = load_registry(settings.registry)
        configure_logging(settings.log_level)
        with traced("mien-gateway", settings.otlp_endpoint, settings.trace_ratio):
            uvloop.run(serve(settings, registry))
    except ValidationError as error:
        for item in error.errors():
            name = variable(str(item["loc"][0]))
            _complain(f"{name}: {item['msg']}. It is: {meaning(name)}")
        return _MISCONFIGURED
    except _MISTAKES as error:
        _complain(str(error))
        return _MISCONFIGURED
    return 0


def _complain(message: str) -> None:
    sys.stderr.write(f"mien-gateway: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
