"""The Open Inference Protocol through the whole system."""

import base64

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_a_client_that_knows_only_the_protocol(
    client: httpx.Client, photo: bytes, framework: str
) -> None:
    """Finds the server, the model and its one input, and gets what /v1/analyze gives."""
    name = f"fer2013-squeezenet-{framework}"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get(f"/v2/models/{name}/ready").json() == {"name": name, "ready": True}
    metadata = client.get(f"/v2/models/{name}").raise_for_status().json()
    (wanted,) = metadata["inputs"]
    request = {"inputs": [{**wanted, "shape": [1], "data": [base64.b64encode(photo).decode()]}]}
    version = metadata["versions"][0]
    answer = client.post(f"/v2/models/{name}/versions/{version}/infer", json=request)
    outputs = {one["name"]: one for one in answer.raise_for_status().json()["outputs"]}
    assert list(outputs) == [one["name"] for one in metadata["outputs"]]

    plain = client.post("/v1/analyze", params={"model": name}, content=photo).json()
    (face,) = plain["faces"]
    assert outputs["boxes"]["data"] == list(face["box"].values())
    assert outputs["labels"]["data"] == [face["top"]["label"]]
    shares = zip(outputs["classes"]["data"], outputs["probabilities"]["data"], strict=True)
    assert dict(shares) == face["probabilities"]


def test_every_model_has_its_card(client: httpx.Client) -> None:
    """The link in the list leads to it."""
    for model in client.get("/v1/models").raise_for_status().json()["models"]:
        card = client.get(model["card"]).raise_for_status()
        assert card.text.startswith("# ")
