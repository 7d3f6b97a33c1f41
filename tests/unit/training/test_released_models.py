"""The models of this repository."""

import pytest

from mien_models import Model, load_registry
from mien_training.paths import MODELS
from mien_training.releases.card import CARD, figures_table
from mien_training.releases.registering import REGISTRY
from mien_training.releases.released import load_released
from mien_training.releases.sidecar import read_sidecar

EVERY_MODEL = load_registry(MODELS / REGISTRY).models
LARGEST_WEIGHTS_BYTES = 5_000_000


@pytest.fixture(params=EVERY_MODEL, ids=lambda model: model.name)
def model(request: pytest.FixtureRequest) -> Model:
    """Each registered model."""
    found: Model = request.param
    return found


def test_the_weights_are_those_registered_and_small(model: Model) -> None:
    """The hash in the registry is that of the file, which stays under 5 MB."""
    model.verify_weights()
    assert model.weights.stat().st_size < LARGEST_WEIGHTS_BYTES


def test_the_registry_and_the_sidecar_say_the_same(model: Model) -> None:
    """What services read and what the exporter reads describe one model."""
    sidecar, network = load_released(model.directory)
    shape = (model.input.height, model.input.width, model.input.channels)
    assert (sidecar.name, sidecar.version) == (model.name, model.version)
    assert (sidecar.labels, sidecar.input_shape) == (model.labels, shape)
    assert network.output_shape == (None, len(model.labels))
    assert set(sidecar.evaluation) == set(model.frameworks)


def test_the_twins_were_measured_to_agree(model: Model) -> None:
    """On PublicTest no probability of the twins differs by more than 1e-4."""
    difference = read_sidecar(model.directory).twins_max_difference
    assert difference is not None
    assert difference <= 1e-4


def test_the_card_shows_the_figures_of_the_sidecar(model: Model) -> None:
    """Figures on the card were written by the program that measured them."""
    card = (model.directory.parent / CARD).read_text(encoding="utf-8")
    assert figures_table(read_sidecar(model.directory)) in card


def test_the_first_model_recognises_what_it_promises() -> None:
    """The model for FER2013 reaches at least 62 % on PublicTest."""
    model = next(model for model in EVERY_MODEL if model.name == "fer2013-squeezenet")
    assert model.metrics["public_test_accuracy"] >= 0.62
