"""Telling an exhausted memory from other failures."""

import pytest
import tensorflow as tf
import torch

from mien_training.runs.memory import says_out_of_memory


@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (MemoryError(), True),
        (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating"), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_every_framework_is_understood(exc: BaseException, expected: bool) -> None:
    """Each says it in its own way; other errors are not mistaken for it."""
    assert says_out_of_memory(exc) is expected
