"""The batching file, in the text form of the real server."""

from pathlib import Path

import pytest

from mien_tf_serving.batching_parameters import BatchingParameters, read_batching_parameters
from mien_tf_serving.errors import ConfigError


def read(folder: Path, text: str) -> BatchingParameters:
    path = folder / "batching.config"
    path.write_text(text, encoding="utf-8")
    return read_batching_parameters(path)


def test_every_documented_field_is_read(tmp_path: Path) -> None:
    """The file of the real server's documentation is understood."""
    text = """
        max_batch_size { value: 8 }
        batch_timeout_micros { value: 1500 }
        max_enqueued_batches { value: 3 }
        num_batch_threads { value: 2 }
        thread_pool_name { value: "batches" }
        allowed_batch_sizes: 2
        allowed_batch_sizes: 8
    """
    assert read(tmp_path, text) == BatchingParameters(
        max_batch_size=8,
        batch_timeout_micros=1500,
        max_enqueued_batches=3,
        num_batch_threads=2,
        allowed_batch_sizes=(2, 8),
    )


def test_what_is_left_out_has_the_default(tmp_path: Path) -> None:
    """An empty file is allowed, and a zero is not the same as nothing."""
    assert read(tmp_path, "") == BatchingParameters()
    assert read(tmp_path, "batch_timeout_micros { value: 0 }").batch_timeout_micros == 0


def test_batches_are_padded_to_the_next_allowed_size() -> None:
    """An allowed size stays, and without a list nothing is padded."""
    parameters = BatchingParameters(max_batch_size=8, allowed_batch_sizes=(1, 4, 8))
    assert [parameters.padded_size(rows) for rows in (1, 2, 4, 5, 8)] == [1, 4, 4, 8, 8]
    assert BatchingParameters().padded_size(5) == 5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("max_batch_size: 8", "not a text BatchingParameters"),
        ("num_batch_threads { value: 0 }", "num_batch_threads must be at least 1"),
        ("batch_timeout_micros { value: -1 }", "batch_timeout_micros must not be negative"),
        ("max_batch_size { value: 8 } allowed_batch_sizes: 4", "last entry was 4; expected 8"),
        (
            "max_batch_size { value: 2 } allowed_batch_sizes: [4, 2]",
            r"must be positive and rise, but are \[4, 2\]",
        ),
        ("pad_variable_length_inputs: true", "not supported by the embedded server"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """A contradiction ends the start instead of surprising later."""
    with pytest.raises(ConfigError, match=complaint) as caught:
        read(tmp_path, text)
    assert "batching.config" in str(caught.value)
