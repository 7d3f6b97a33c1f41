"""The flags of `tensorflow_model_server` that this package understands.

Names, meaning and defaults are the real server's, so one command line starts either.
`--host` alone is ours: the real server listens on every interface.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DESCRIPTION = """\
Serves SavedModels. Where `tensorflow_model_server` is on PATH, that is started with the same
flags; otherwise the embedded server answers the same gRPC and REST calls."""


@dataclass(frozen=True, kw_only=True)
class Flags:
    """A parsed command line; times are in the unit that the flag's name says."""

    host: str = "127.0.0.1"
    port: int = 8500
    rest_api_port: int | None = None
    rest_api_num_threads: int = 16
    rest_api_timeout_in_ms: int = 30_000
    model_config_file: Path | None = None
    model_config_file_poll_wait_seconds: float = 0
    model_name: str = "default"
    model_base_path: Path | None = None
    file_system_poll_wait_seconds: float = 1
    max_num_load_retries: int = 5
    load_retry_interval_micros: int = 60_000_000
    enable_batching: bool = False
    batching_parameters_file: Path | None = None
    tensorflow_intra_op_parallelism: int = 0
    tensorflow_inter_op_parallelism: int = 0
    enable_model_warmup: bool = True
    num_request_iterations_for_warmup: int = 1
    allow_version_labels_for_unavailable_models: bool = False
    grpc_max_threads: int = 64
    enable_grpc_healthcheck_service: bool = False
    monitoring_config_file: Path | None = None
    grpc_channel_arguments: tuple[tuple[str, str | int], ...] = ()


def parse_flags(arguments: Sequence[str]) -> Flags:
    """Return the flags; a wrong one ends the process with a message, as argparse does."""
    return Flags(**vars(_parser().parse_args(arguments)))


def without_own_flags(arguments: Sequence[str]) -> list[str]:
    """Return the part of a command line that the real server understands."""
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--host")
    return own.parse_known_args(arguments)[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mien_tf_serving",
        description=_DESCRIPTION,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    _add_addresses(parser)
    _add_models(parser)
    _add_running(parser)
    return parser


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", help="address to listen on, embedded server only (default: 127.0.0.1)")
    add("--port", type=int, help="gRPC port (default: 8500); 0 takes a free one")
    add("--rest_api_port", type=_port_or_none, help="REST port; 0, the default: no REST")
    add("--rest_api_num_threads", type=_positive, help="REST requests computed at a time")
    add("--rest_api_timeout_in_ms", type=_positive, help="longest REST call (default: 30000)")
    add(
        "--enable_grpc_healthcheck_service",
        type=_boolean,
        nargs="?",
        const=True,
        help="answer grpc.health.v1; the embedded server always does",
    )
    add(
        "--monitoring_config_file",
        type=Path,
        help="text MonitoringConfig: figures for Prometheus; the embedded server has none",
    )
    add("--grpc_max_threads", type=_positive, help="gRPC calls at a time (default: 64)")
    add(
        "--grpc_channel_arguments",
        type=_channel_arguments,
        help="comma-separated options of the gRPC server: grpc.max_connection_age_ms=2000",
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model_config_file", type=Path, help="text ModelServerConfig: the models to serve")
    add("--model_config_file_poll_wait_seconds", type=float, help="seconds; 0: read once")
    add("--model_name", help="the one model, without --model_config_file (default: default)")
    add("--model_base_path", type=Path, help="its folder of numbered versions")
    add("--file_system_poll_wait_seconds", type=float, help="seconds between looks for versions")
    add("--max_num_load_retries", type=int, help="further attempts to load (default: 5)")
    add("--load_retry_interval_micros", type=int, help="between attempts (default: a minute)")
    add("--enable_model_warmup", type=_boolean, nargs="?", const=True, help="default: true")
    add("--num_request_iterations_for_warmup", type=_positive, help="times each one is replayed")
    add(
        "--allow_version_labels_for_unavailable_models",
        type=_boolean,
        nargs="?",
        const=True,
        help="labels may name versions that are not loaded (yet)",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--enable_batching", type=_boolean, nargs="?", const=True, help="join requests")
    add("--batching_parameters_file", type=Path, help="text BatchingParameters")
    add("--tensorflow_intra_op_parallelism", type=int, help="threads within an operation; 0: auto")
    add("--tensorflow_inter_op_parallelism", type=int, help="operations at a time; 0: auto")


def _boolean(text: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in values:
        message = f"{text!r} is neither true nor false"
        raise argparse.ArgumentTypeError(message)
    return values[text.lower()]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        message = f"{text!r} is not a whole number above 0"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _port_or_none(text: str) -> int | None:
    return int(text) or None


def _channel_arguments(text: str) -> tuple[tuple[str, str | int], ...]:
    pairs = [part.partition("=") for part in text.split(",") if part]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        message = f"{wrong[0]!r} has no value: write name=value"
        raise argparse.ArgumentTypeError(message)
    # gRPC tells apart whole numbers and texts, as the real server does.
    return tuple(
        (name, int(value) if value.lstrip("-").isdecimal() else value) for name, _, value in pairs
    )
