"""The table of architectures and the counting behind it."""

from pathlib import Path

import keras
import pytest
from keras import layers

from mien_training.architectures import ARCHITECTURES, build
from mien_training.architectures.counting import multiply_adds
from mien_training.table import TABLE, main, renewed


def test_the_committed_table_is_what_the_networks_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody typed a figure, and nobody changed a network without renewing the table."""
    monkeypatch.delitem(ARCHITECTURES, "tiny")
    text = TABLE.read_text(encoding="utf-8")
    assert renewed(text) == text


def test_multiply_adds_are_counted_by_hand() -> None:
    """Convolution, depthwise convolution, dense layer and attention on a small example."""
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(inputs)  # 4x4 places, 3*3*3*4 each
    x = layers.DepthwiseConv2D(3, padding="same")(x)  # 16 places, 3*3*4 each
    x = layers.Reshape((16, 4))(x)
    x = layers.MultiHeadAttention(2, 3)(x, x)  # 16 places, 6 inner, 4 wide
    x = layers.Dense(5)(x)  # 16 places, 4*5 each
    by_hand = 16 * 108 + 16 * 36 + (16 * 4 * 4 * 6 + 2 * 16 * 16 * 6) + 16 * 20
    assert multiply_adds(keras.Model(inputs, x)) == by_hand


def test_the_squeezenet_has_the_known_size() -> None:
    """What was counted by hand when it was made: 0.94 M parameters, 67 M multiply-adds."""
    network = build("squeezenet", (48, 48, 1), 7)
    assert network.count_params() == 935_399
    assert multiply_adds(network) == 67_368_960


def test_the_program_renews_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands around the marks stays."""
    for name in ARCHITECTURES.keys() - {"squeezenet"}:  # one is enough here, and quick
        monkeypatch.delitem(ARCHITECTURES, name)
    path = tmp_path / "table.md"
    path.write_text("before <!-- table: begin --> old <!-- table: end --> after")
    assert main(["--file", str(path)]) == 0
    text = path.read_text()
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "| `squeezenet` |" in text
    assert " old " not in text
    assert "renewed" in capsys.readouterr().out
