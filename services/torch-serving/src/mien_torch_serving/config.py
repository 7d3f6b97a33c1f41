"""TorchServe's config.properties, from the settings.

TorchServe 0.12 is the last of its line and has had holes that let strangers load models
(ShellTorch). Whatever an operator sets, here hold: no model from anywhere but the store,
no model API, management on loopback, no settings from the environment.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from mien_torch_serving.errors import UnsafeConfigError
from mien_torch_serving.settings import TorchServeSettings

LOOPBACK = "127.0.0.1"


def properties(settings: TorchServeSettings, archives: Sequence[str]) -> dict[str, str]:
    """Every property that TorchServe is given; `archives` are file names in the store.

    Raises UnsafeConfigError for what others could reach and should not.
    """
    _refuse_strangers(settings)
    values = _addresses(settings) | _limits(settings) | _guards(settings)
    values["model_store"] = str(settings.store.resolve())
    values["load_models"] = ",".join(archives)
    return {key: _text(value) for key, value in values.items()}


def render(values: dict[str, str]) -> str:
    """The file's text; Java reads it as Latin-1 with backslash escapes."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in values.items())


def allowed_urls(store: Path) -> str:
    """Regular expression of the only URLs that models may come from."""
    return f"file://{re.escape(str(store.resolve()))}/.*"


def _refuse_strangers(settings: TorchServeSettings) -> None:
    if settings.private_network:
        return
    if not settings.host.is_loopback:
        message = (
            f"TorchServe would listen on {settings.host} for anyone: keep MIEN_TORCHSERVE_HOST "
            "on 127.0.0.1; where the network lets nobody but the gateway in, set "
            "MIEN_TORCHSERVE_PRIVATE_NETWORK=true"
        )
        raise UnsafeConfigError(message)
    if not settings.metrics_host.is_loopback:
        message = (
            f"TorchServe would show its metrics on {settings.metrics_host} to anyone: keep "
            "MIEN_TORCHSERVE_METRICS_HOST on 127.0.0.1; where the network lets nobody but "
            "Prometheus in, set MIEN_TORCHSERVE_PRIVATE_NETWORK=true"
        )
        raise UnsafeConfigError(message)


def _addresses(settings: TorchServeSettings) -> dict[str, object]:
    return {
        "inference_address": f"http://{_bracketed(settings.host)}:{settings.rest_port}",
        "management_address": f"http://{LOOPBACK}:{settings.management_port}",
        "metrics_address": f"http://{_bracketed(settings.metrics_host)}:{settings.metrics_port}",
        "grpc_inference_address": settings.host,
        "grpc_inference_port": settings.grpc_port,
        "grpc_inference_max_connection_age_ms": 1000 * settings.max_connection_age_seconds,
        "grpc_management_address": LOOPBACK,
        "grpc_management_port": settings.management_grpc_port,
    }


def _bracketed(host: IPv4Address | IPv6Address) -> str:
    return f"[{host}]" if isinstance(host, IPv6Address) else str(host)


def _limits(settings: TorchServeSettings) -> dict[str, object]:
    return {
        "max_request_size": settings.max_message_bytes,
        "max_response_size": settings.max_answer_bytes,
        "job_queue_size": settings.job_queue_size,
        "default_response_timeout": settings.response_timeout_seconds,
        "default_startup_timeout": settings.startup_timeout_seconds,
        "default_workers_per_model": settings.workers,
        "number_of_netty_threads": settings.netty_threads,
        "netty_client_threads": settings.netty_threads,
    }


def _guards(settings: TorchServeSettings) -> dict[str, object]:
    return {
        "allowed_urls": allowed_urls(settings.store),
        "use_env_allowed_urls": False,
        "enable_envvars_config": False,
        "enable_model_api": False,
        # A caller elsewhere could not renew its token: that takes the management API.
        "disable_token_authorization": True,
        "install_py_dep_per_model": False,
        "async_logging": True,
        "metrics_mode": "prometheus",
        # It would start a Python process every minute to write disk usage to a log.
        "disable_system_metrics": True,
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(value: str) -> str:
    return "".join(
        char if char.isascii() and char != "\\" else f"\\u{ord(char):04x}" for char in value
    )
