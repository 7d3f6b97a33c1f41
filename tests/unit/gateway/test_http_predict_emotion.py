"""POST /predict_emotion keeps the contract of the thesis."""

import base64

import httpx
import pytest

from mien_gateway import errors
from tests.fakes.gateway import (
    JPEG,
    LABELS,
    NO_FACE,
    TENSORFLOW,
    FakeGateway,
    crop_of,
    probabilities_of,
)


def body(image: bytes = JPEG, model: str = TENSORFLOW, prefix: str = "") -> dict[str, str]:
    return {"image_data": prefix + base64.b64encode(image).decode(), "model_name": model}


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,"])
async def test_the_largest_faces_expression(
    client: httpx.AsyncClient, gateway: FakeGateway, prefix: str
) -> None:
    """A label and its confidence, nothing else."""
    gateway.detector.outcomes[JPEG] = (b"large", b"small")
    response = await client.post("/predict_emotion", json=body(prefix=prefix))
    probabilities = probabilities_of(crop_of(b"large"), len(LABELS))
    assert response.status_code == 200
    assert response.json() == {
        "emotion": LABELS[probabilities.index(max(probabilities))],
        "confidence": max(probabilities),
    }
    assert gateway.tensorflow.calls


async def test_a_model_need_not_be_named(client: httpx.AsyncClient) -> None:
    """Then the default answers."""
    document = {"image_data": base64.b64encode(JPEG).decode()}
    assert (await client.post("/predict_emotion", json=document)).status_code == 200


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (body(NO_FACE), "no_face_found"),
        (body(model="none"), "unknown_model"),
        (body(b"text"), "unsupported_media_type"),
        (body(b""), "empty_image"),
        (body(JPEG + bytes(100_000)), "image_too_large"),
        (body(JPEG + bytes(1_000_000)), "image_too_large"),
        ({"image_data": "no base64!"}, "invalid_base64"),
        ({"image": "other name"}, "invalid_request"),
        ([], "invalid_request"),
    ],
)
async def test_every_fault_of_the_caller_is_400(
    client: httpx.AsyncClient, document: object, code: str
) -> None:
    """As a problem document, whose code says which fault it is."""
    response = await client.post("/predict_emotion", json=document)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()["status"]) == (400, 400)
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "error",
    [
        errors.DetectorUnavailableError(),
        errors.ModelServerUnavailableError("torchserve", "a-model"),
        errors.OverloadedError(),
        errors.DeadlineExceededError("the face detector"),
        errors.BadModelAnswerError("torchserve", "reason"),
        RuntimeError("unforeseen"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_every_other_fault_is_500(
    client: httpx.AsyncClient, gateway: FakeGateway, error: errors.GatewayError
) -> None:
    """The thesis knows no other status."""
    gateway.detector.away = error
    response = await client.post("/predict_emotion", json=body())
    assert (response.status_code, response.json()["status"]) == (500, 500)
    assert response.headers["Content-Type"] == "application/problem+json"
