"""Puts the embedded server together, starts it and stops it."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
import tensorflow as tf
import uvicorn

from mien_tf_serving.batching_parameters import BatchingParameters, read_batching_parameters
from mien_tf_serving.config_files import ModelSettings, read_models
from mien_tf_serving.embedded.batching import BatchScheduler
from mien_tf_serving.embedded.bundle import Bundle
from mien_tf_serving.embedded.core import ServerCore
from mien_tf_serving.embedded.grpc_service import Health, create_grpc_server
from mien_tf_serving.embedded.manager import ModelManager, RetryPolicy
from mien_tf_serving.embedded.rest import create_rest_app
from mien_tf_serving.embedded.warmup import warm_up
from mien_tf_serving.errors import ConfigError, ServingError
from mien_tf_serving.flags import Flags

_log = structlog.get_logger(__name__)


def served_by() -> str:
    """Return what the embedded server says of itself in every answer."""
    return f"mien-embedded-tensorflow/{tf.__version__}"


class EmbeddedServer:
    """TensorFlow Serving's calls, answered by TensorFlow in this process."""

    def __init__(self, flags: Flags) -> None:
        """Read the configuration; nothing is loaded and nothing listens before `start`.

        Raises:
            ConfigError: a flag, or a file that it names, is not as it must be.
        """
        self._flags = flags
        self._manager = ModelManager[Bundle](
            _loader(flags),
            retry=RetryPolicy(
                retries=flags.max_num_load_retries,
                interval_seconds=flags.load_retry_interval_micros / 1e6,
            ),
            labels_may_be_early=flags.allow_version_labels_for_unavailable_models,
        )
        self._models = _models(flags)
        self._core = ServerCore(self._manager, _scheduler(flags))
        self._grpc = create_grpc_server(self._core, flags, served_by())
        self._health = Health(self._grpc)
        self._rest: _RestServer | None = None
        self._polls: list[_Poll] = []
        self.grpc_port = 0
        self.rest_port: int | None = None

    def start(self) -> None:
        """Load the models, then listen; a model that cannot be loaded does not stop the others.

        Raises:
            ConfigError: a port is taken, a base path is missing or a label is wrong.
        """
        try:
            self._manager.configure(self._models)
        except ServingError as error:
            raise ConfigError(str(error)) from error
        self._tell_health()
        self.grpc_port = self._listen()
        if self._flags.rest_api_port is not None:
            app = create_rest_app(self._core, self._flags, served_by())
            self._rest = _RestServer(app, self._flags.host, self._flags.rest_api_port)
            self.rest_port = self._rest.start()
        self._grpc.start()
        self._start_polls()
        _log.info(
            "embedded_server_started",
            served_by=served_by(),
            grpc=_address(self._flags.host, self.grpc_port),
            rest=self.rest_port and _address(self._flags.host, self.rest_port),
            models=[model.name for model in self._models],
            ready=self._manager.all_available(),
        )

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Refuse new calls, let those under way end within the grace, and close the ports."""
        self._health.stop()
        for poll in self._polls:
            poll.stop()
        stopped = self._grpc.stop(grace_seconds)
        if self._rest is not None:
            self._rest.stop(grace_seconds)
        stopped.wait(grace_seconds + 1)
        _log.info("embedded_server_stopped")

    def _tell_health(self) -> None:
        self._health.update(ready=self._manager.all_available())

    def _listen(self) -> int:
        address = _address(self._flags.host, self._flags.port)
        try:
            return self._grpc.add_insecure_port(address)
        except RuntimeError as error:
            message = f"cannot listen on {address} (--host, --port): is something else there?"
            raise ConfigError(message) from error

    def _start_polls(self) -> None:
        def look_for_versions() -> None:
            self._manager.reconcile()
            self._tell_health()

        def reread_config() -> None:
            self._manager.configure(_models(self._flags))
            self._tell_health()

        wanted: list[tuple[float, Callable[[], None]]] = [
            (self._flags.file_system_poll_wait_seconds, look_for_versions)
        ]
        if self._flags.model_config_file is not None:
            wanted.append((self._flags.model_config_file_poll_wait_seconds, reread_config))
        self._polls = [_Poll(seconds, action) for seconds, action in wanted if seconds > 0]
        for poll in self._polls:
            poll.start()


class _Poll(threading.Thread):
    """Does something again and again, and survives its failures."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        super().__init__(name=action.__name__, daemon=True)
        self._seconds = seconds
        self._action = action
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._action()
            except Exception:  # noqa: BLE001 - the next look may succeed
                _log.exception("poll_failed", poll=self.name)

    def stop(self) -> None:
        self._stopping.set()


class _RestServer:
    """Uvicorn in a thread of its own."""

    def __init__(self, app: object, host: str, port: int) -> None:
        self._address = (host, port)
        self._server = uvicorn.Server(
            uvicorn.Config(app, access_log=False, log_level="warning", lifespan="off")  # type: ignore[arg-type] # any ASGI application
        )
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        try:
            listening = _listen(*self._address)
        except OSError as error:
            address = _address(*self._address)
            message = f"cannot listen on {address} (--rest_api_port): {error.strerror}"
            raise ConfigError(message) from error
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="rest", daemon=True
        )
        self._thread.start()
        bound: int = listening.getsockname()[1]
        return bound

    def stop(self, grace_seconds: float) -> None:
        self._server.config.timeout_graceful_shutdown = int(grace_seconds)
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(grace_seconds + 1)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    if ":" not in host:
        return socket.create_server((host, port), backlog=128)
    return socket.create_server(
        (host, port),
        family=socket.AF_INET6,
        backlog=128,
        # As gRPC: IPv4 too, where the address is that of every interface.
        dualstack_ipv6=socket.has_dualstack_ipv6(),
    )


def _models(flags: Flags) -> tuple[ModelSettings, ...]:
    if flags.model_config_file is not None:
        return read_models(flags.model_config_file)
    if flags.model_base_path is None:
        message = "either --model_config_file or --model_base_path must say what to serve"
        raise ConfigError(message)
    return (ModelSettings(name=flags.model_name, base_path=flags.model_base_path.absolute()),)


def _scheduler(flags: Flags) -> BatchScheduler | None:
    if not flags.enable_batching:
        if flags.batching_parameters_file is not None:
            message = "--batching_parameters_file needs --enable_batching"
            raise ConfigError(message)
        return None
    if flags.batching_parameters_file is None:
        return BatchScheduler(BatchingParameters())
    return BatchScheduler(read_batching_parameters(flags.batching_parameters_file))


def _loader(flags: Flags) -> Callable[[str, int, Path], Bundle]:
    def load(name: str, version: int, directory: Path) -> Bundle:
        bundle = Bundle(
            directory,
            intra_op_threads=flags.tensorflow_intra_op_parallelism,
            inter_op_threads=flags.tensorflow_inter_op_parallelism,
        )
        if flags.enable_model_warmup:
            count = warm_up(bundle, directory, iterations=flags.num_request_iterations_for_warmup)
            _log.info("warmed_up", model=name, version=version, requests=count)
        return bundle

    return load
