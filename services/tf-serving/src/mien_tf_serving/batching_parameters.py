"""The text form of BatchingParameters, the file that says how requests are joined.

`tensorflow-serving-api` does not carry this message, so its descriptor is written here from
the documented field names; only the text form is ever used, so the numbers do not matter.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2

from mien_tf_serving.config_files import parse_text
from mien_tf_serving.errors import ConfigError

_PACKAGE = "mien.tf_serving"
_WRAPPED_NUMBERS = (
    "max_batch_size",
    "batch_timeout_micros",
    "max_enqueued_batches",
    "num_batch_threads",
)


@dataclass(frozen=True, kw_only=True)
class BatchingParameters:
    """How requests are joined; sizes count rows, the first dimension of every input."""

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    """How long an incomplete batch waits for more, in microseconds."""
    max_enqueued_batches: int = 10
    """How many batches of one model may wait for a thread."""
    num_batch_threads: int = os.cpu_count() or 1
    """How many batches are computed at a time."""
    allowed_batch_sizes: tuple[int, ...] = ()
    """Sizes that batches are padded to, rising; none: no padding."""

    def padded_size(self, rows: int) -> int:
        """Return the number of rows that a batch of ``rows`` is computed with."""
        return next((size for size in self.allowed_batch_sizes if size >= rows), rows)


def read_batching_parameters(path: Path) -> BatchingParameters:
    """Return the parameters in a file; what it leaves out has the real server's default.

    Raises:
        ConfigError: the file is missing, malformed, or contradicts itself.
    """
    message = parse_text(path, _message_class()())
    if message.pad_variable_length_inputs:
        reason = f"{path}: pad_variable_length_inputs is not supported by the embedded server"
        raise ConfigError(reason)
    given: dict[str, Any] = {
        name: getattr(message, name).value for name in _WRAPPED_NUMBERS if message.HasField(name)
    }
    parameters = BatchingParameters(**given, allowed_batch_sizes=tuple(message.allowed_batch_sizes))
    _check(parameters, path)
    return parameters


def _check(parameters: BatchingParameters, path: Path) -> None:
    for name in ("max_batch_size", "max_enqueued_batches", "num_batch_threads"):
        if getattr(parameters, name) < 1:
            reason = f"{path}: {name} must be at least 1, not {getattr(parameters, name)}"
            raise ConfigError(reason)
    if parameters.batch_timeout_micros < 0:
        reason = f"{path}: batch_timeout_micros must not be negative"
        raise ConfigError(reason)
    sizes = parameters.allowed_batch_sizes
    if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1):
        reason = f"{path}: allowed_batch_sizes must be positive and rise, but are {list(sizes)}"
        raise ConfigError(reason)
    if sizes and sizes[-1] != parameters.max_batch_size:
        reason = (
            f"{path}: Last entry in allowed_batch_sizes must match max_batch_size; last "
            f"entry was {sizes[-1]}; expected {parameters.max_batch_size}"
        )
        raise ConfigError(reason)


def _message_class() -> Any:
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="mien/tf_serving/batching_parameters.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    message = file.message_type.add(name="BatchingParameters")

    def add(name: str, kind: Any, label: Any = field.LABEL_OPTIONAL, wrapper: str = "") -> None:
        type_name = f".google.protobuf.{wrapper}" if wrapper else None
        number = len(message.field) + 1
        message.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)

    for name in _WRAPPED_NUMBERS:
        add(name, field.TYPE_MESSAGE, wrapper="Int64Value")
    add("thread_pool_name", field.TYPE_MESSAGE, wrapper="StringValue")
    add("allowed_batch_sizes", field.TYPE_INT64, field.LABEL_REPEATED)
    add("pad_variable_length_inputs", field.TYPE_BOOL)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindMessageTypeByName(f"{_PACKAGE}.BatchingParameters")
    return message_factory.GetMessageClass(descriptor)
