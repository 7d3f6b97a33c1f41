"""What is kept reads back as it was; anything else is a miss."""

import orjson
import pytest

from mien_gateway.cache.serialization import (
    decode_findings,
    decode_prediction,
    encode_findings,
    encode_prediction,
)
from mien_gateway.domain import DetectorIdentity, Face, Findings, ImageSize, Prediction
from tests.fakes.gateway import LABELS, face_of, probabilities_of

CLASSES = len(LABELS)
DETECTED = face_of(b"seed")
FINDINGS = Findings(
    detector=DetectorIdentity("yunet", "1"),
    image=ImageSize(640, 360),
    faces=(
        Face(
            DETECTED.box,
            DETECTED.landmarks,
            DETECTED.score,
            probabilities_of(DETECTED.crop, CLASSES),
        ),
    ),
    served_by="torchserve",
)
PREDICTION = Prediction(probabilities_of(DETECTED.crop, CLASSES), "torchserve")
GOOD = orjson.loads(encode_findings(FINDINGS))


def test_findings_read_back() -> None:
    """Nothing is lost on the way through the cache."""
    assert decode_findings(encode_findings(FINDINGS), CLASSES) == FINDINGS


def test_a_prediction_reads_back() -> None:
    """Nor of a single face."""
    assert decode_prediction(encode_prediction(PREDICTION), CLASSES) == PREDICTION


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\x80\x04garbage",
        b"null",
        b"[]",
        b"{}",
        orjson.dumps([GOOD[0] + 1, *GOOD[1:]]),
        orjson.dumps(GOOD[:-1]),
        orjson.dumps([*GOOD[:-1], [[1, 2, 3]]]),
        orjson.dumps([*GOOD[:-1], [[GOOD[4][0][0], GOOD[4][0][1][:4], *GOOD[4][0][2:]]]]),
        orjson.dumps([*GOOD[:-1], [[*GOOD[4][0][:3], ["a"] * CLASSES]]]),
        orjson.dumps([*GOOD[:-1], [[*GOOD[4][0][:3], [0.5, 0.5]]]]),
        orjson.dumps([*GOOD[:-1], [[*GOOD[4][0][:3], [None] * CLASSES]]]),
        encode_prediction(PREDICTION),
    ],
)
def test_what_is_no_record_is_a_miss(record: bytes) -> None:
    """Garbage, other layouts and other models' records are ignored."""
    assert decode_findings(record, CLASSES) is None
    if record != encode_prediction(PREDICTION):
        assert decode_prediction(record, CLASSES) is None


def test_a_record_of_another_number_of_labels_is_a_miss() -> None:
    """A model that learnt a new label does not read its old answers."""
    assert decode_prediction(encode_prediction(PREDICTION), CLASSES + 1) is None
