"""The graphs around a network."""

import keras
import numpy as np
import pytest

from mien_training.data import Faces
from mien_training.graphs import logits_model, serving_model, voted_model


def test_served_probabilities_are_the_softmax_of_tempered_logits(
    network: keras.Model, faces: Faces
) -> None:
    """Scaling, temperature and softmax are inside the served graph, and nothing else is."""
    logits = logits_model(network).predict(faces.images, verbose=0) / 1.7
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    served = serving_model(network, 1.7).predict(faces.images, verbose=0)
    assert served == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-5)


def test_the_second_head_leaves_the_logits_alone(network: keras.Model, faces: Faces) -> None:
    """With the head for votes the class logits are what they are without it."""
    logits, votes = voted_model(network, 10).predict(faces.images, verbose=0)
    assert votes.shape == (len(faces), 10)
    alone = logits_model(network).predict(faces.images, verbose=0)
    assert logits == pytest.approx(alone, abs=1e-4)
