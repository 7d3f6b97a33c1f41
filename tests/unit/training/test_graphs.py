"""The graphs around a network."""

import keras
import numpy as np
import pytest

from mien_training.augmentation.changes import draw_changes
from mien_training.datasets.faces import Faces
from mien_training.graphs import logits_model, serving_model, training_model
from mien_training.runs.recipe import Augmentation

_STILL = Augmentation(mirror=0)


def test_served_probabilities_are_the_softmax_of_tempered_logits(
    network: keras.Model, faces: Faces
) -> None:
    """Scaling, temperature and softmax are inside the served graph, and nothing else is."""
    logits = logits_model(network).predict(faces.images, verbose=0) / 1.7
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    served = serving_model(network, 1.7).predict(faces.images, verbose=0)
    assert served == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-5)


@pytest.mark.parametrize("extra", [0, 10])
def test_training_sees_what_serving_sees(network: keras.Model, faces: Faces, extra: int) -> None:
    """Without changes to the faces the trained logits are the scored ones; extra ones stand by."""
    changes = draw_changes(len(faces), faces.images.shape[1:], _STILL, np.random.default_rng(0))
    trained = training_model(network, _STILL, extra)({"faces": faces.images, **changes})
    logits, *more = trained if extra else [trained]
    assert [tuple(head.shape) for head in more] == [(len(faces), extra)] * bool(extra)
    alone = logits_model(network)(faces.images)
    np.testing.assert_allclose(np.asarray(logits), np.asarray(alone), atol=1e-3)
