"""The gRPC face: convert, call, convert."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

from mien_tf_serving.embedded.codes import GRPC_CODES, grpc_code
from mien_tf_serving.embedded.core import ServerCore
from mien_tf_serving.errors import Failure, ServingError
from mien_tf_serving.flags import Flags

_log = structlog.get_logger(__name__)

SERVED_BY = "x-served-by"
_MESSAGE_BYTES = 64 * 1024 * 1024
_REASON_BYTES = 1024
"""The real server's limit; gRPC replaces an error whose reason is too long for its trailers."""

Call = Callable[[Any], Any]


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):  # type: ignore[misc] # generated without types
    """Predict and GetModelMetadata; the other methods say that they are not implemented."""

    def __init__(self, core: ServerCore, served_by: str) -> None:
        self._core = core
        self._served_by = served_by

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the contract's name
        """Run a model."""
        deadline = time.monotonic() + context.time_remaining()

        def call(message: Any) -> Any:
            return self._core.predict(message, deadline, context.is_active)

        return _answered(call, request, context, self._served_by)

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the contract's name
        """Tell a model's signatures."""
        return _answered(self._core.metadata, request, context, self._served_by)


class ModelService(model_service_pb2_grpc.ModelServiceServicer):  # type: ignore[misc] # generated without types
    """States of versions, and the reload of the configuration."""

    def __init__(self, core: ServerCore, served_by: str) -> None:
        self._core = core
        self._served_by = served_by

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the contract's name
        """Tell the states of a model's versions."""
        return _answered(self._core.status, request, context, self._served_by)

    def HandleReloadConfigRequest(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the contract's name
        """Serve another list of models."""

        def call(message: Any) -> Any:
            self._core.reload(message)
            response = model_management_pb2.ReloadConfigResponse()
            response.status.SetInParent()
            return response

        return _answered(call, request, context, self._served_by)


def _answered(call: Call, request: Any, context: grpc.ServicerContext, served_by: str) -> Any:
    context.send_initial_metadata(((SERVED_BY, served_by),))
    try:
        return call(request)
    except ServingError as error:
        context.abort(grpc_code(error), _shortened(str(error)))
    except Exception:  # noqa: BLE001 - whatever it is, the caller needs an answer
        _log.exception("call_failed")
        context.abort(GRPC_CODES[Failure], "The embedded server failed; its log says why")


def _shortened(reason: str) -> str:
    encoded = reason.encode()
    if len(encoded) <= _REASON_BYTES:
        return reason
    return f"{encoded[:_REASON_BYTES].decode(errors='ignore')}...TRUNCATED"


def create_grpc_server(core: ServerCore, flags: Flags, served_by: str) -> grpc.Server:
    """Return a server with the services of TensorFlow Serving and gRPC health, not started."""
    server = grpc.server(
        ThreadPoolExecutor(flags.grpc_max_threads, thread_name_prefix="grpc"),
        # What is beyond would wait for a thread without being looked at; refusing is kinder.
        maximum_concurrent_rpcs=2 * flags.grpc_max_threads,
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            # Two servers on one port would share the calls between them at random.
            ("grpc.so_reuseport", 0),
            *flags.grpc_channel_arguments,
        ],
    )
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(core, served_by), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(core, served_by), server)
    return server


class Health:
    """The gRPC health of the server: it serves when every configured model does."""

    def __init__(self, server: grpc.Server) -> None:
        self._servicer = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    def update(self, *, ready: bool) -> None:
        """Tell whether every model serves."""
        serving = health_pb2.HealthCheckResponse
        self._servicer.set("", serving.SERVING if ready else serving.NOT_SERVING)

    def stop(self) -> None:
        """Say goodbye to whoever watches."""
        self._servicer.enter_graceful_shutdown()
