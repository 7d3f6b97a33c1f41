"""The model store: what is built, what is skipped, and what is left when something fails."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mien_gateway.analysis.stages import FACES_PER_MESSAGE
from mien_models import Framework, InputShape, Model, Registry
from mien_tf_serving.batching_parameters import read_batching_parameters
from mien_tf_serving.config_files import read_models
from mien_tf_serving.embedded.bundle import Bundle
from mien_tf_serving.embedded.warmup import warm_up
from mien_tf_serving.errors import StoreError
from mien_tf_serving.store.__main__ import main
from mien_tf_serving.store.builder import Built, build_store, run_exporter
from mien_tf_serving.store.configs import BATCH_SIZES, batching_config
from mien_tf_serving.store.requests import BATCH_SIZES as WARM_SIZES
from tests.fakes.saved_models import SIDE, write_broken_version, write_version

NAME = "toy-tiny-tensorflow"


class Exporter:
    """Writes a tiny SavedModel, and counts how often."""

    calls = 0

    def __call__(self, model_dir: Path, out: Path) -> None:
        """Export."""
        assert model_dir.is_dir()
        self.calls += 1
        write_version(out.parent, 99).rename(out)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    weights = tmp_path / "models" / "toy-tiny" / "1" / "weights.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"weights")
    return Model(
        name="toy-tiny",
        version=1,
        dataset="toy",
        architecture="tiny",
        input=InputShape(height=SIDE, width=SIDE, channels=1),
        labels=("a", "b", "c"),
        frameworks=(Framework.PYTORCH, Framework.TENSORFLOW),
        weights=weights,
        weights_sha256=hashlib.sha256(b"weights").hexdigest(),
        metrics={},
        licence="none",
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_version_is_built_that_can_be_served(model: Model, store: Path) -> None:
    """Warm, with its configuration beside it, and under the TensorFlow twin's name only."""
    assert build_store(Registry((model,)), store, Exporter()) == [Built(NAME, 1, skipped=False)]
    directory = store / NAME / "1"
    bundle = Bundle(directory)
    assert warm_up(bundle, directory) == len(WARM_SIZES) + 1
    faces = np.zeros((2, SIDE, SIDE, 1), np.uint8)
    assert bundle.run("serving_default", ("probabilities",), [faces])[0].shape == (2, 3)
    (settings,) = read_models(store / "models.config")
    assert settings.name == NAME
    assert settings.base_path == store / NAME
    assert settings.labels == {"stable": 1}
    assert (
        read_models(store / "models.image.config")[0].base_path == Path("/models/tensorflow") / NAME
    )
    assert read_batching_parameters(store / "batching.config").allowed_batch_sizes == BATCH_SIZES
    assert "enable: true" in (store / "monitoring.config").read_text(encoding="utf-8")
    assert {path.name for path in (store / NAME).iterdir()} == {"1"}


def test_a_model_that_cannot_explain_is_refused(model: Model, store: Path) -> None:
    """The warm-up asks for an explanation too, so a graph without one never enters the store."""

    def export(_: Path, out: Path) -> None:
        module = tf.Module()
        spec = tf.TensorSpec([None, SIDE, SIDE, 1], tf.uint8, name="faces")
        module.serve = tf.function(
            lambda faces: {"probabilities": tf.zeros([tf.shape(faces)[0], 3])},
            input_signature=[spec],
        )
        tf.saved_model.save(module, str(out), signatures={"serving_default": module.serve})

    with pytest.raises(StoreError, match='"gradcam" not found'):
        build_store(Registry((model,)), store, export)
    assert not list((store / NAME).iterdir())


def test_the_gateway_s_messages_fit_a_batch() -> None:
    """A larger one is refused, and would look like a fault of the server."""
    assert BATCH_SIZES[-1] >= FACES_PER_MESSAGE


def test_what_is_up_to_date_is_skipped(model: Model, store: Path) -> None:
    """Exporting takes seconds, starting again should not."""
    exporter = Exporter()
    build_store(Registry((model,)), store, exporter)
    assert build_store(Registry((model,)), store, exporter) == [Built(NAME, 1, skipped=True)]
    assert exporter.calls == 1


def test_other_weights_are_exported_again(model: Model, store: Path) -> None:
    """Under the same version, too: the store follows the registry."""
    exporter = Exporter()
    build_store(Registry((model,)), store, exporter)
    model.weights.write_bytes(b"others")
    other = replace(model, weights_sha256=hashlib.sha256(b"others").hexdigest())
    assert build_store(Registry((other,)), store, exporter) == [Built(NAME, 1, skipped=False)]
    assert exporter.calls == 2


def test_a_new_version_takes_the_old_ones_place(model: Model, store: Path) -> None:
    """The one before it is kept for those who still ask for it; what others put there stays."""
    foreign = store / NAME / "7"
    foreign.mkdir(parents=True)
    for version, kept in ((1, {"1"}), (2, {"1", "2"}), (3, {"2", "3"})):
        build_store(Registry((replace(model, version=version),)), store, Exporter())
        assert {path.name for path in (store / NAME).iterdir()} == {*kept, "7"}


def test_weights_with_another_hash_are_refused(model: Model, store: Path) -> None:
    """A damaged file must not be served under a good name."""
    model.weights.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="SHA-256"):
        build_store(Registry((model,)), store, Exporter())


def test_an_export_that_cannot_run_is_refused_and_leaves_nothing(model: Model, store: Path) -> None:
    """Found while building, not by the first caller; the version before stays."""

    def export(_: Path, out: Path) -> None:
        write_broken_version(out.parent, 98).rename(out)

    build_store(Registry((model,)), store, Exporter())
    model.weights.write_bytes(b"others")
    other = replace(model, weights_sha256=hashlib.sha256(b"others").hexdigest())
    with pytest.raises(StoreError, match=f"{NAME}: the exported SavedModel cannot be served"):
        build_store(Registry((other,)), store, export)
    assert {path.name for path in (store / NAME).iterdir()} == {"1"}
    assert Bundle(store / NAME / "1").signatures


def test_a_failing_exporter_is_quoted(tmp_path: Path) -> None:
    """Its last words say more than its status."""
    with pytest.raises(StoreError, match=r"status [1-9][\s\S]*nowhere"):
        run_exporter(tmp_path / "nowhere", tmp_path / "out")


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and status 1, no traceback."""
    arguments = ["--registry", str(tmp_path / "none.yaml"), "--store", str(tmp_path / "store")]
    assert main(arguments) == 1
    assert "none.yaml is missing" in capsys.readouterr().err


@pytest.mark.parametrize("threads", [1, 2, 16])
def test_the_batching_file_suits_the_machine(tmp_path: Path, threads: int) -> None:
    """A thread per processor, and a short queue."""
    path = tmp_path / "batching.config"
    path.write_text(batching_config(threads), encoding="utf-8")
    parameters = read_batching_parameters(path)
    assert parameters.num_batch_threads == threads
    assert parameters.batch_timeout_micros == 0
    assert parameters.max_enqueued_batches >= 4
