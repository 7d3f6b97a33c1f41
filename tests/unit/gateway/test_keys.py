"""A cache key changes with everything that the answer depends on, and with nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from mien_gateway.cache.keys import CacheKeys
from mien_gateway.domain import DetectorIdentity
from mien_models import InputShape, ServedModel
from tests.fakes.gateway import JPEG, LABELS, PYTORCH, TENSORFLOW, registry

KEYS = CacheKeys(b"one secret")
DETECTOR = DetectorIdentity("yunet", "1")


def served(name: str = PYTORCH) -> ServedModel:
    model = registry().find(name)
    assert model
    return model


def changed(**changes: Any) -> ServedModel:
    model = served()
    return replace(model, model=replace(model.model, **changes))


def test_the_same_inputs_have_the_same_key() -> None:
    """An answer is found again, by this process and by the next one."""
    again = CacheKeys(b"one secret")
    assert KEYS.frame(JPEG, served(), DETECTOR) == again.frame(JPEG, served(), DETECTOR)


@pytest.mark.parametrize(
    "other",
    [
        KEYS.frame(JPEG + b".", served(), DETECTOR),
        KEYS.frame(JPEG, served(TENSORFLOW), DETECTOR),
        KEYS.frame(JPEG, changed(version=4), DETECTOR),
        KEYS.frame(JPEG, changed(input=InputShape(height=48, width=48, channels=3)), DETECTOR),
        KEYS.frame(JPEG, changed(weights_sha256="1" + "0" * 63), DETECTOR),
        KEYS.frame(JPEG, changed(labels=LABELS[::-1]), DETECTOR),
        KEYS.frame(JPEG, served(), DetectorIdentity("yunet", "2")),
        KEYS.frame(JPEG, served(), DetectorIdentity("other", "1")),
        KEYS.face(JPEG, served(), DETECTOR),
        CacheKeys(b"another secret").frame(JPEG, served(), DETECTOR),
    ],
    ids=[
        *("bytes", "model", "version", "shape", "weights", "labels"),
        *("detector version", "detector", "kind", "secret"),
    ],
)
def test_another_input_has_another_key(other: bytes) -> None:
    """No answer is ever given for something else."""
    assert KEYS.frame(JPEG, served(), DETECTOR) != other


def test_context_and_content_do_not_run_together() -> None:
    """Bytes moved from the detector's version into the picture make another key."""
    one = KEYS.frame(b"bc", served(), DetectorIdentity("d", "a"))
    other = KEYS.frame(b"c", served(), DetectorIdentity("d", "ab"))
    assert one != other
