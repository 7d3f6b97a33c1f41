"""What the embedded server does, whatever the transport: messages in, messages out."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    predict_pb2,
)

from mien_tf_serving.config_files import models_from
from mien_tf_serving.embedded.batching import Array, BatchScheduler
from mien_tf_serving.embedded.bundle import Bundle, Signature, TensorInfo
from mien_tf_serving.embedded.codes import status_code
from mien_tf_serving.embedded.manager import ModelManager
from mien_tf_serving.embedded.tensors import array_from, fill_proto
from mien_tf_serving.errors import DeadlineExpired, FailedPrecondition, InvalidArgument

DEFAULT_SIGNATURE = "serving_default"
_SIGNATURE_DEF = "signature_def"


class ServerCore:
    """Answers the calls of TensorFlow Serving from the models that a manager keeps loaded."""

    def __init__(self, manager: ModelManager[Bundle], scheduler: BatchScheduler | None) -> None:
        self.manager = manager
        self._scheduler = scheduler

    def predict(
        self,
        request: Any,
        deadline: float | None = None,
        is_active: Callable[[], bool] = lambda: True,
    ) -> Any:
        """Return the PredictResponse.

        Args:
            request: a PredictRequest.
            deadline: in seconds of the monotonic clock.
            is_active: whether anybody waits for the answer.

        Raises:
            ServingError: with the real server's words.
        """
        number, bundle = self.find(request.model_spec)
        name = request.model_spec.signature_name or DEFAULT_SIGNATURE
        if name not in bundle.signatures:
            message = f'Serving signature key "{name}" not found.'
            raise FailedPrecondition(message)
        signature = bundle.signatures[name]
        inputs = checked_inputs(signature, request.inputs)
        outputs = checked_outputs(signature, request.output_filter)
        if deadline is not None and deadline <= time.monotonic():
            message = "Deadline exceeded before the request was computed"
            raise DeadlineExpired(message)
        if self._scheduler is None:
            arrays = bundle.run(name, outputs, inputs)
        else:
            arrays = self._scheduler.run(
                lambda joined: bundle.run(name, outputs, joined),
                inputs,
                queue=bundle,
                key=(name, outputs, tuple(array.shape[1:] for array in inputs)),
                deadline=deadline,
                is_active=is_active,
            )
        response = predict_pb2.PredictResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = number
        response.model_spec.signature_name = name
        for alias, array in zip(outputs, arrays, strict=True):
            fill_proto(response.outputs[alias], array)
        return response

    def metadata(self, request: Any) -> Any:
        """Return the GetModelMetadataResponse: the signatures of one version.

        Raises:
            ServingError: with the real server's words.
        """
        _require_spec(request)
        if not request.metadata_field:
            message = "GetModelMetadataRequest must specify at least one metadata_field"
            raise InvalidArgument(message)
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                message = f"Metadata field {field} is not supported"
                raise InvalidArgument(message)
        number, bundle = self.find(request.model_spec)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in bundle.signature_defs.items():
            signatures.signature_def[name].CopyFrom(signature)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = number
        response.metadata[_SIGNATURE_DEF].Pack(signatures)
        return response

    def status(self, request: Any) -> Any:
        """Return the GetModelStatusResponse.

        Raises:
            ServingError: with the real server's words.
        """
        _require_spec(request)
        spec = request.model_spec
        version = spec.version.value if spec.HasField("version") else None
        response = get_model_status_pb2.GetModelStatusResponse()
        for found in self.manager.statuses(spec.name, version, spec.version_label):
            entry = response.model_version_status.add(version=found.number, state=found.state)
            # Setting the code to OK makes the status present, as the real server's is.
            entry.status.error_code = status_code(found.error)
            entry.status.error_message = str(found.error or "")
        return response

    def reload(self, request: Any) -> None:
        """Serve what a ReloadConfigRequest lists; returns when it was loaded or has failed.

        Raises:
            ServingError: with the real server's words; what was served before still is.
        """
        if request.config.WhichOneof("config") != "model_config_list":
            message = (
                "ServerModelConfig type not supported by HandleReloadConfigRequest. "
                "Only ModelConfigList is currently supported"
            )
            raise InvalidArgument(message)
        self.manager.configure(models_from(request.config))

    def find(self, spec: Any) -> tuple[int, Bundle]:
        """Return number and bundle of the version that a ModelSpec means.

        Raises:
            InvalidArgument: it names no model or an unknown label.
            NotFound: that is not available.
        """
        if not spec.name:
            message = "ModelSpec has no name specified."
            raise InvalidArgument(message)
        version = spec.version.value if spec.HasField("version") else None
        return self.manager.find(spec.name, version, spec.version_label)


def checked_inputs(signature: Signature, given: Any) -> list[Array]:
    """Return the arrays that were sent, in the order of the signature.

    Raises:
        InvalidArgument: names, types or shapes do not fit.
    """
    _check_names(signature, given)
    arrays = []
    for position, (alias, info) in enumerate(signature.inputs.items()):
        proto = given[alias]
        if proto.dtype != info.dtype.as_datatype_enum:
            message = (
                f"Expects arg[{position}] to be {info.dtype.name} but "
                f"{_type_name(proto.dtype)} is provided"
            )
            raise InvalidArgument(message)
        # Before the array is made: one value may stand for all of a large shape.
        _check_shape(alias, info, [dim.size for dim in proto.tensor_shape.dim])
        arrays.append(array_from(proto, alias))
    return arrays


def checked_outputs(signature: Signature, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the aliases to compute: those asked for, or all.

    Raises:
        InvalidArgument: one is unknown or named twice.
    """
    for alias in wanted:
        if alias not in signature.outputs:
            known = ",".join(signature.outputs)
            message = (
                f"output tensor alias not found in signature: {alias} "
                f"Outputs expected to be in the set {{{known}}}."
            )
            raise InvalidArgument(message)
        if list(wanted).count(alias) > 1:
            message = f"duplicate output tensor alias: {alias}"
            raise InvalidArgument(message)
    return tuple(wanted) or tuple(signature.outputs)


def _require_spec(request: Any) -> None:
    if not request.HasField("model_spec"):
        message = "Missing ModelSpec"
        raise InvalidArgument(message)


def _check_names(signature: Signature, given: Any) -> None:
    sent, known = sorted(given), sorted(signature.inputs)
    extra, missing = sorted(set(sent) - set(known)), sorted(set(known) - set(sent))
    if len(sent) != len(known):
        message = (
            f"input size does not match signature: {len(sent)}!={len(known)} "
            f"len({{{','.join(sent)}}}) != len({{{','.join(known)}}}). "
            f"Sent extra: {{{','.join(extra)}}}. Missing but required: {{{','.join(missing)}}}."
        )
        raise InvalidArgument(message)
    if extra:
        message = (
            f"input tensor alias not found in signature: {extra[0]}. "
            f"Inputs expected to be in the set {{{','.join(known)}}}."
        )
        raise InvalidArgument(message)


def _check_shape(alias: str, info: TensorInfo, shape: Sequence[int]) -> None:
    if not info.accepts(shape):
        want = ",".join("?" if size is None else str(size) for size in info.shape or ())
        have = ",".join(map(str, shape))
        message = f"input {alias} has shape [{have}], but the signature expects [{want}]"
        raise InvalidArgument(message)


def _type_name(number: int) -> str:
    try:
        return str(tf.dtypes.as_dtype(number).name)
    except TypeError:
        return f"DataType {number}"
