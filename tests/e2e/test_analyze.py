"""The sample photo through the whole system."""

import grpc
import httpx
import pytest
from mien.v1 import emotion_pb2, emotion_pb2_grpc

from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TWINS = ("fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow")


def analyze(client: httpx.Client, photo: bytes, model: str, **headers: str) -> httpx.Response:
    return client.post("/v1/analyze", params={"model": model}, content=photo, headers=headers)


def test_both_frameworks_give_the_same_label(client: httpx.Client, photo: bytes) -> None:
    """The twins see the same face and agree to four digits."""
    answers = [analyze(client, photo, name).raise_for_status().json() for name in TWINS]
    faces = [answer["faces"] for answer in answers]
    assert [len(found) for found in faces] == [1, 1]
    one, other = (found[0] for found in faces)
    assert one["box"] == other["box"]
    assert one["top"]["label"] == other["top"]["label"]
    for label, probability in one["probabilities"].items():
        assert other["probabilities"][label] == pytest.approx(probability, abs=1e-4)
    assert answers[0]["served_by"] != answers[1]["served_by"]


@pytest.mark.parametrize("model", TWINS)
def test_the_second_identical_call_comes_from_the_cache(
    client: httpx.Client, photo: bytes, model: str
) -> None:
    """Equal pictures are computed once, and the answer says so."""
    picture = photo + model.encode()  # bytes after the end of a JPEG change the key only
    first, second = (analyze(client, picture, model).raise_for_status().json() for _ in "12")
    assert (first["cache"], second["cache"]) == ("miss", "hit")
    assert second["faces"] == first["faces"]


def test_no_store_is_honoured(client: httpx.Client, photo: bytes) -> None:
    """Who asks for no-store is neither answered from the cache nor kept in it."""
    for _ in range(2):
        answer = analyze(client, photo, TWINS[0], **{"Cache-Control": "no-store"})
        assert answer.raise_for_status().json()["cache"] == "bypass"


def test_grpc_gives_what_rest_gives(system: System, client: httpx.Client, photo: bytes) -> None:
    """One core serves both."""
    rest = analyze(client, photo, TWINS[0]).raise_for_status().json()
    with grpc.insecure_channel(f"127.0.0.1:{system.settings.grpc_port}") as channel:
        stub = emotion_pb2_grpc.EmotionServiceStub(channel)
        answer = stub.Analyze(emotion_pb2.AnalyzeRequest(image=photo, model=TWINS[0]), timeout=30)
    assert len(answer.faces) == len(rest["faces"])
    assert answer.faces[0].top.label == rest["faces"][0]["top"]["label"]
    assert answer.faces[0].box.x == pytest.approx(rest["faces"][0]["box"]["x"], abs=0.01)


def test_every_model_of_the_registry_is_listed(client: httpx.Client) -> None:
    """Who asks what there is gets the registry."""
    models = client.get("/v1/models").raise_for_status().json()["models"]
    assert set(TWINS) <= {model["name"] for model in models}


def test_the_system_is_ready_and_measured(client: httpx.Client) -> None:
    """Health, readiness and metrics answer."""
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert "mien_" in client.get("/metrics").text
