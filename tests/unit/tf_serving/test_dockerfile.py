"""The image starts the real server; nothing here can build it, so its parts are checked."""

import json
import re
from pathlib import Path

import pytest

from mien_tf_serving.flags import parse_flags
from mien_tf_serving.store.configs import BATCHING_CONFIG, IMAGE_BASE, IMAGE_CONFIG

DOCKERFILE = Path(__file__).parents[3] / "services" / "tf-serving" / "Dockerfile"

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


def instructions() -> dict[str, str]:
    """Return the last text of each instruction, continuation lines joined."""
    lines = [
        line
        for line in DOCKERFILE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    joined = "\n".join(lines).replace("\\\n", "")
    return dict(line.split(maxsplit=1) for line in joined.splitlines() if line.strip())


def flags() -> list[str]:
    """Return every flag that the container starts with."""
    found = instructions()
    program, *fixed = json.loads(found["ENTRYPOINT"])
    assert program == "tensorflow_model_server"
    replaceable: list[str] = json.loads(found["CMD"])
    return [*fixed, *replaceable]


def test_every_flag_is_one_that_the_real_server_documents() -> None:
    """It ends at once on any other."""
    names = {flag.removeprefix("--").partition("=")[0] for flag in flags()}
    assert names <= DOCUMENTED


def test_every_flag_is_understood_by_the_embedded_server() -> None:
    """One command line starts either, so both are tested by the same flags."""
    assert parse_flags(flags()).enable_batching


def test_the_files_that_the_flags_name_are_those_that_the_store_holds() -> None:
    """Where the image puts the store."""
    parsed = parse_flags(flags())
    assert parsed.model_config_file == Path(IMAGE_BASE / IMAGE_CONFIG)
    assert parsed.batching_parameters_file == Path(IMAGE_BASE / BATCHING_CONFIG)
    assert instructions()["COPY"].split()[-1] == str(IMAGE_BASE)


@pytest.mark.parametrize("forbidden", ["latest", "syntax=", "<<"])
def test_the_image_is_pinned_and_plain(forbidden: str) -> None:
    """A tag that moves, or a feature that old builders lack, breaks somebody's build."""
    assert forbidden not in DOCKERFILE.read_text(encoding="utf-8")
    assert re.fullmatch(r"tensorflow/serving:\d+\.\d+\.\d+", instructions()["FROM"])
