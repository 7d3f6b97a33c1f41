"""Small models and drawn data: no test here needs the real data or a long training."""

import os

# The two exports are tested in one process; it runs Keras on TensorFlow, like most of training.
os.environ["KERAS_BACKEND"] = "tensorflow"

from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from keras import layers

from mien_training.architectures import ARCHITECTURES, Architecture, build
from mien_training.datasets.faces import Faces, Parts
from mien_training.datasets.fer2013 import LABELS
from mien_training.releases.sidecar import WEIGHTS, Sidecar, write_sidecar
from mien_training.releases.weights import network_arrays, save_weights
from mien_training.runs.recipe import Augmentation, Phase, Recipe

SIDE = 48


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Keras, whose variables do not know NumPy 2's `copy` yet, warn of it in this folder."""
    mark = pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
    )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(mark)


@pytest.fixture
def recipe() -> Recipe:
    """A recipe of two short epochs with everything switched on."""
    return Recipe(
        name="drawn-tiny",
        expected="nothing",
        dataset="fer2013",
        architecture="tiny",
        phases=(Phase(epochs=2, learning_rate=0.001, warmup_epochs=0.5),),
        batch_size=8,
        weight_decay=0.01,
        extra_weight=0.5,
        augmentation=Augmentation(
            rotation_degrees=10, shift=0.1, zoom=0.1, shear=0.1, erase=0.5, mixup=0.2
        ),
    )


@pytest.fixture
def faces() -> Faces:
    """Twenty faces, as bright as their label says, with votes of ten names that agree."""
    rng = np.random.default_rng(1)
    labels = np.arange(20, dtype=np.uint8) % len(LABELS)
    noise = rng.integers(0, 30, (20, SIDE, SIDE, 1))
    images = (noise + labels[:, None, None, None] * 30).astype(np.uint8)
    targets = np.eye(len(LABELS), dtype=np.float32)[labels]
    return Faces(images, labels, targets, np.eye(10, dtype=np.float32)[labels])


@pytest.fixture
def parts(faces: Faces) -> Parts:
    """The same faces for training and for validation: enough to see that something is learned."""
    return Parts(LABELS, faces, faces)


@pytest.fixture(autouse=True)
def _tiny_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds an architecture with one layer of each kind, which compiles in a second."""
    contract = Architecture(tiny, (SIDE, SIDE, 1), ("classifier",), "branch", "features")
    monkeypatch.setitem(ARCHITECTURES, "tiny", contract)


def tiny(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """A network of the shape that trainer and exporters rely on."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs)
    x = layers.ReLU()(layers.BatchNormalization(name="stem_norm")(x))
    x = layers.MaxPooling2D(8)(x)
    y = layers.Conv2D(4, 1, activation="relu", name="branch")(x)
    x = layers.Concatenate()([layers.Add()([x, y]), x])
    x = layers.Dropout(0.2, name="features")(x)
    x = layers.Conv2D(classes, 1, name="classifier")(x)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x), name="tiny")


@pytest.fixture
def network() -> keras.Model:
    """A tiny network with drawn weights and statistics."""
    return drawn_network("tiny", head=1.0)


def drawn_network(architecture: str, head: float) -> keras.Model:
    """A network with drawn weights and statistics; ``head`` scales its logits."""
    keras.utils.set_random_seed(3)
    made = build(architecture, (SIDE, SIDE, 1), len(LABELS))
    rng = np.random.default_rng(3)
    for layer in made.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    classifier = made.get_layer("classifier")
    classifier.kernel.assign(classifier.kernel * head)
    return made


@pytest.fixture
def model_dir(tmp_path: Path, network: keras.Model) -> Path:
    """A model folder, below a models folder, as a release makes it."""
    return write_model(tmp_path, network, "tiny")


@pytest.fixture
def squeezenet_dir(tmp_path: Path) -> Path:
    """The same for a SqueezeNet, with logits of moderate size."""
    return write_model(tmp_path, drawn_network("squeezenet", head=0.003), "squeezenet")


def write_model(tmp_path: Path, network: keras.Model, architecture: str) -> Path:
    """Write weights and sidecar of an untrained model."""
    folder = tmp_path / "models" / f"drawn-{architecture}" / "1"
    folder.mkdir(parents=True)
    save_weights(folder / WEIGHTS, network_arrays(network))
    write_sidecar(folder, drawn_sidecar(architecture))
    return folder


def drawn_sidecar(architecture: str) -> Sidecar:
    """The sidecar of an untrained model."""
    return Sidecar(
        name=f"drawn-{architecture}",
        version=1,
        dataset="fer2013",
        labels=LABELS,
        input_shape=(SIDE, SIDE, 1),
        architecture=architecture,
        temperature=1.3,
        seed=3,
        recipe={},
        data_sha256="",
        git_revision="",
        best_epoch=0,
    )


@pytest.fixture
def sheets(tmp_path: Path) -> Callable[[Faces, Faces], Path]:
    """Writes two parts as the sheet and the label file of a data folder."""

    def write(training: Faces, public: Faces) -> Path:
        folder = tmp_path / "data"
        folder.mkdir()
        images = np.concatenate([training.images, public.images])[..., 0]
        rows = -(-len(images) // 64)
        places = np.zeros((rows * 64, SIDE, SIDE), np.uint8)
        places[: len(images)] = images
        grid = places.reshape(rows, 64, SIDE, SIDE).transpose(0, 2, 1, 3)
        cv2.imwrite(str(folder / "fer2013-0.png"), grid.reshape(rows * SIDE, 64 * SIDE))
        np.savez(
            folder / "fer2013-labels.npz",
            label=np.concatenate([training.labels, public.labels]),
            usage=np.repeat(np.array([0, 1], np.uint8), [len(training), len(public)]),
            ferplus_votes=np.concatenate([training.extra, public.extra]).astype(np.uint8) * 10,
        )
        return folder

    return write
