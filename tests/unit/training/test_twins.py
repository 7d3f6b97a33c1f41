"""The proof that both frameworks say the same."""

from pathlib import Path

import pytest

from mien_training.twins import main

pytestmark = pytest.mark.timeout(200)


def test_the_shipped_model_says_the_same_in_both(capsys: pytest.CaptureFixture[str]) -> None:
    """Keras on PyTorch and Keras on TensorFlow differ by less than 1e-4 on 200 faces."""
    assert main(["--model", "fer2013-squeezenet"]) == 0
    assert "on 200 faces" in capsys.readouterr().out


def test_a_network_that_cannot_be_built_is_explained(
    model_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The framework's own process says why, and the program passes it on."""
    assert main(["--model", "drawn-tiny", "--models", str(model_dir.parents[1])]) == 1
    assert "no architecture 'tiny'" in capsys.readouterr().err
