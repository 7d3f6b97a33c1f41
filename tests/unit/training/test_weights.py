"""Weights files and sidecars."""

from pathlib import Path

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mien_training.architectures import build
from mien_training.datasets.fer2013 import LABELS
from mien_training.errors import WeightsError
from mien_training.releases.released import load_released
from mien_training.releases.sidecar import SIDECAR, WEIGHTS
from mien_training.releases.weights import load_weights, network_arrays, save_weights


def test_weights_come_back_in_float16(model_dir: Path, network: keras.Model) -> None:
    """A released network has the weights it was saved with, to float16."""
    _, loaded = load_released(model_dir)
    for mine, theirs in zip(network.weights, loaded.weights, strict=True):
        assert np.array_equal(np.asarray(mine).astype(np.float16), np.asarray(theirs))


def test_keys_are_names_that_do_not_depend_on_the_process(model_dir: Path) -> None:
    """Keys say layer and variable, so that either framework finds them in any process."""
    keys = set(load_file(model_dir / WEIGHTS))
    assert {"stem/kernel", "stem_norm/moving_mean", "classifier/bias"} <= keys


def test_a_file_of_another_network_is_refused(model_dir: Path) -> None:
    """Weights of another shape are refused with the names that differ."""
    other = build("tiny", (48, 48, 3), len(LABELS))
    with pytest.raises(WeightsError, match="stem/kernel of 1 differ"):
        load_weights(model_dir / WEIGHTS, other)


def test_a_missing_weight_is_named(model_dir: Path, network: keras.Model) -> None:
    """A file that lacks a weight is refused rather than half loaded."""
    arrays = load_file(model_dir / WEIGHTS)
    del arrays["stem/kernel"]
    save_file(arrays, model_dir / WEIGHTS)
    with pytest.raises(WeightsError, match="stem/kernel"):
        load_weights(model_dir / WEIGHTS, network)


@pytest.mark.parametrize("content", [None, b"", b"no tensors at all"])
def test_missing_or_damaged_weights_are_named(model_dir: Path, content: bytes | None) -> None:
    """The error names the file that cannot be read."""
    path = model_dir / WEIGHTS
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(WeightsError, match=WEIGHTS):
        load_released(model_dir)


@pytest.mark.parametrize("content", [None, "", "{}", '{"name": 1}'])
def test_a_missing_or_incomplete_sidecar_is_named(model_dir: Path, content: str | None) -> None:
    """A model without its facts is refused with the file's name."""
    path = model_dir / SIDECAR
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(WeightsError, match=SIDECAR):
        load_released(model_dir)


def test_a_diverged_network_is_not_saved(tmp_path: Path, network: keras.Model) -> None:
    """Weights that are not finite in float16 are refused before a file is written."""
    stem = network.get_layer("stem")
    stem.kernel.assign(stem.kernel * 1e9)
    with pytest.raises(WeightsError, match="stem/kernel"):
        save_weights(tmp_path / WEIGHTS, network_arrays(network))
    assert list(tmp_path.iterdir()) == []
