"""The parts of the system as processes, and where each listens."""

import hashlib
import secrets
import sys

from mien_stack.page import digest, is_in
from mien_stack.redis_server import redis_command
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Process

HOST = "127.0.0.1"
# What the TensorFlow server may use of a small machine that the others run on, too.
TENSORFLOW_THREADS = 1


def processes(settings: StackSettings) -> tuple[Process, ...]:
    """Every part, with its command line and environment."""
    return (
        Process(name="redis", argv=redis_command(settings.redis_port)),
        _face_detector(settings),
        _torchserve(settings),
        _tensorflow(settings),
        _gateway(settings),
        _worker(settings),
    )


def addresses(settings: StackSettings) -> dict[str, str]:
    """Where each process answers."""
    return {
        "gateway": f"REST {settings.rest_url}   gRPC {HOST}:{settings.grpc_port}",
        "face-detector": f"gRPC {HOST}:{settings.detector_port}",
        "torchserve": (
            f"gRPC {HOST}:{settings.torchserve_port}   "
            f"REST http://{HOST}:{settings.torchserve_rest_port}"
        ),
        "tensorflow": (
            f"gRPC {HOST}:{settings.tensorflow_port}   "
            f"REST http://{HOST}:{settings.tensorflow_rest_port}"
        ),
        "worker": f"works off what POST {settings.rest_url}/v1/videos takes in",
        "redis": f"redis://{HOST}:{settings.redis_port}/0",
    }


def _face_detector(settings: StackSettings) -> Process:
    return Process(
        name="face-detector",
        argv=[sys.executable, "-m", "mien_detector"],
        environment={"MIEN_DETECTOR_ADDRESS": f"{HOST}:{settings.detector_port}"},
    )


def _torchserve(settings: StackSettings) -> Process:
    return Process(
        name="torchserve",
        argv=[sys.executable, "-m", "mien_torch_serving"],
        environment={
            "MIEN_TORCHSERVE_REGISTRY": str(settings.registry),
            "MIEN_TORCHSERVE_STORE": str(settings.model_store / "torchserve"),
            "MIEN_TORCHSERVE_RUN_DIR": str(settings.run_dir / "torchserve"),
            "MIEN_TORCHSERVE_HOST": HOST,
            "MIEN_TORCHSERVE_GRPC_PORT": str(settings.torchserve_port),
            "MIEN_TORCHSERVE_MANAGEMENT_GRPC_PORT": str(settings.torchserve_management_grpc_port),
            "MIEN_TORCHSERVE_REST_PORT": str(settings.torchserve_rest_port),
            "MIEN_TORCHSERVE_MANAGEMENT_PORT": str(settings.torchserve_management_port),
            "MIEN_TORCHSERVE_METRICS_PORT": str(settings.torchserve_metrics_port),
            **_models(settings),
        },
    )


def _tensorflow(settings: StackSettings) -> Process:
    store = settings.model_store / "tensorflow"
    return Process(
        name="tensorflow",
        argv=[
            *(sys.executable, "-m", "mien_tf_serving"),
            f"--port={settings.tensorflow_port}",
            f"--rest_api_port={settings.tensorflow_rest_port}",
            f"--model_config_file={store / 'models.config'}",
            "--enable_batching=true",
            f"--batching_parameters_file={store / 'batching.config'}",
            # The label "stable" is given before its version is loaded.
            "--allow_version_labels_for_unavailable_models=true",
            f"--tensorflow_intra_op_parallelism={TENSORFLOW_THREADS}",
            f"--tensorflow_inter_op_parallelism={TENSORFLOW_THREADS}",
        ],
        environment={"TF_CPP_MIN_LOG_LEVEL": "2", **_models(settings)},
    )


def _gateway(settings: StackSettings) -> Process:
    return Process(
        name="gateway",
        argv=[sys.executable, "-m", "mien_gateway"],
        environment={
            "MIEN_GATEWAY_REST_HOST": HOST,
            "MIEN_GATEWAY_REST_PORT": str(settings.rest_port),
            "MIEN_GATEWAY_GRPC_HOST": HOST,
            "MIEN_GATEWAY_GRPC_PORT": str(settings.grpc_port),
            **_page(settings),
            **_core(settings),
        },
    )


def _worker(settings: StackSettings) -> Process:
    return Process(
        name="worker",
        argv=[sys.executable, "-m", "mien_gateway.worker"],
        environment=_core(settings),
    )


def _core(settings: StackSettings) -> dict[str, str]:
    """What the gateway and the worker need alike: the same core runs in both."""
    return {
        "MIEN_GATEWAY_DETECTOR_TARGET": f"{HOST}:{settings.detector_port}",
        "MIEN_GATEWAY_TORCHSERVE_TARGET": f"{HOST}:{settings.torchserve_port}",
        "MIEN_GATEWAY_TORCHSERVE_REST_URL": f"http://{HOST}:{settings.torchserve_rest_port}",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": f"{HOST}:{settings.tensorflow_port}",
        "MIEN_GATEWAY_REDIS_URL": f"redis://{HOST}:{settings.redis_port}/0",
        "MIEN_GATEWAY_SPOOL_DIR": str(settings.run_dir / "spool"),
        "MIEN_GATEWAY_REGISTRY": str(settings.registry),
        "MIEN_GATEWAY_CACHE_KEY": _cache_key(settings),
        **_models(settings),
    }


def _page(settings: StackSettings) -> dict[str, str]:
    """Another page makes another gateway of it, which reads the files when it starts."""
    if not is_in(settings.page_dir):
        return {}
    return {
        "MIEN_GATEWAY_PAGE_DIR": str(settings.page_dir),
        "MIEN_STACK_PAGE": digest(settings.page_dir)[:16],
    }


def _cache_key(settings: StackSettings) -> str:
    """Kept beside the logs, so that a gateway that starts again finds its answers again."""
    path = settings.run_dir / "cache-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def _models(settings: StackSettings) -> dict[str, str]:
    """Other models make another process of it, so that `make up` restarts the system.

    The builders' stamps say what is in the store.
    """
    digest = hashlib.sha256(settings.registry.read_bytes())
    for stamp in sorted(settings.model_store.rglob("*.json")):
        digest.update(stamp.read_bytes())
    return {"MIEN_STACK_MODELS": digest.hexdigest()[:16]}
