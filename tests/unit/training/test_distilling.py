"""Learning from released models."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mien_training.datasets.faces import Parts
from mien_training.errors import ConfigError
from mien_training.graphs import serving_model
from mien_training.runs.distilling import with_teachers
from mien_training.runs.recipe import Distillation


def test_targets_are_between_the_labels_and_the_teachers(
    model_dir: Path, network: keras.Model, parts: Parts
) -> None:
    """Three quarters of the label, a quarter of what the teacher says of face and mirror image."""
    how = Distillation(teachers=("drawn-tiny",), weight=0.25, temperature=2.0)
    taught = with_teachers(parts, how, [model_dir]).training
    served = serving_model(network, 1.3 * 2.0)  # the released temperature is 1.3
    faces = parts.training.images
    views = [np.asarray(served(view)) for view in (faces, faces[:, :, ::-1])]
    wanted = 0.75 * parts.training.targets + 0.25 * (views[0] + views[1]) / 2
    np.testing.assert_allclose(taught.targets, wanted, atol=1e-3)  # the weights lie in float16
    np.testing.assert_allclose(taught.targets.sum(axis=1), 1, atol=1e-5)


def test_validation_is_not_taught(model_dir: Path, parts: Parts) -> None:
    """Only training faces get another target."""
    taught = with_teachers(parts, Distillation(teachers=("drawn-tiny",)), [model_dir])
    assert taught.validation is parts.validation


def test_a_teacher_of_other_labels_is_refused(model_dir: Path, parts: Parts) -> None:
    """Its probabilities would be about something else."""
    others = replace(parts, labels=tuple("abcdefg"))
    with pytest.raises(ConfigError, match="other labels"):
        with_teachers(others, Distillation(teachers=("drawn-tiny",)), [model_dir])
