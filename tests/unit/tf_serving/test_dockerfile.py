"""The images start the real server or the embedded one, by the same command line.

The real one's cannot be built everywhere, so its parts are checked.
"""

from pathlib import Path

import pytest

from mien_tf_serving.flags import parse_flags
from mien_tf_serving.store.configs import (
    BATCHING_CONFIG,
    IMAGE_BASE,
    IMAGE_CONFIG,
    MONITORING_CONFIG,
)
from tests.running_system import ROOT
from tests.unit.containers.dockerfiles import instructions, last

FOLDER = ROOT / "services" / "tf-serving"
OFFICIAL = FOLDER / "Dockerfile"
EMBEDDED = FOLDER / "embedded.Dockerfile"

# What `tensorflow_model_server --help` lists, in its version 2.21.
DOCUMENTED = {
    "port",
    "grpc_socket_path",
    "rest_api_port",
    "rest_api_num_threads",
    "rest_api_timeout_in_ms",
    "rest_api_enable_cors_support",
    "enable_batching",
    "allow_version_labels_for_unavailable_models",
    "batching_parameters_file",
    "enable_per_model_batching_parameters",
    "model_config_file",
    "model_config_file_poll_wait_seconds",
    "model_name",
    "model_base_path",
    "num_load_threads",
    "num_unload_threads",
    "max_num_load_retries",
    "load_retry_interval_micros",
    "file_system_poll_wait_seconds",
    "flush_filesystem_caches",
    "tensorflow_session_parallelism",
    "tensorflow_session_config_file",
    "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism",
    "use_alts_credentials",
    "ssl_config_file",
    "platform_config_file",
    "per_process_gpu_memory_fraction",
    "saved_model_tags",
    "grpc_channel_arguments",
    "grpc_max_threads",
    "enable_grpc_healthcheck_service",
    "enable_model_warmup",
    "num_request_iterations_for_warmup",
    "version",
    "monitoring_config_file",
    "remove_unused_fields_from_bundle_metagraph",
    "prefer_tflite_model",
}


both = pytest.mark.parametrize("path", [OFFICIAL, EMBEDDED], ids=lambda path: path.stem)


def flags(path: Path) -> list[str]:
    """Return every flag that the container starts with."""
    words = [*last(path, "ENTRYPOINT").words, *last(path, "CMD").words]
    return [word for word in words if word.startswith("--")]


def test_every_flag_is_one_that_the_real_server_documents() -> None:
    """It ends at once on any other."""
    assert last(OFFICIAL, "ENTRYPOINT").words[0] == "tensorflow_model_server"
    names = {flag.removeprefix("--").partition("=")[0] for flag in flags(OFFICIAL)}
    assert names <= DOCUMENTED


@both
def test_every_flag_is_understood_by_the_embedded_server(path: Path) -> None:
    """One command line starts either, so both are tested by the same flags."""
    assert parse_flags(flags(path)).enable_batching


def test_one_has_a_flag_more_than_the_other() -> None:
    """The real server listens on every interface and cannot be told otherwise."""
    assert set(flags(EMBEDDED)) - set(flags(OFFICIAL)) == {"--host=0.0.0.0"}
    assert set(flags(OFFICIAL)) <= set(flags(EMBEDDED))


@both
def test_the_files_that_the_flags_name_are_those_that_the_store_holds(path: Path) -> None:
    """Where the image puts the store."""
    parsed = parse_flags(flags(path))
    assert parsed.model_config_file == Path(IMAGE_BASE / IMAGE_CONFIG)
    assert parsed.batching_parameters_file == Path(IMAGE_BASE / BATCHING_CONFIG)
    assert parsed.monitoring_config_file == Path(IMAGE_BASE / MONITORING_CONFIG)
    assert last(path, "COPY").text.endswith("/out/models /models")
    (build,) = [one.text for one in instructions(path) if "mien_tf_serving.store" in one.text]
    assert f"--store /out{IMAGE_BASE} " in build


@both
def test_connections_end_so_that_new_replicas_are_found(path: Path) -> None:
    """A client that stays connected looks up no name."""
    arguments = dict(parse_flags(flags(path)).grpc_channel_arguments)
    assert arguments["grpc.max_connection_age_ms"] == 30_000


def test_kubernetes_can_ask_the_real_server_how_it_is() -> None:
    """It answers that only where it is told to."""
    assert parse_flags(flags(OFFICIAL)).enable_grpc_healthcheck_service
