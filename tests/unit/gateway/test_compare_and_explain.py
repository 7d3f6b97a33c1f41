"""Twins side by side, and heat maps, over REST and gRPC."""

import threading
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import httpx
import pytest
from mien.v1 import emotion_pb2 as pb

from mien_gateway.errors import ModelServerUnavailableError
from mien_gateway.http.openapi import schemas
from mien_gateway.http.routes import compare_explain
from mien_gateway.http.serialization import present_face
from tests.fakes.gateway import JPEG, LABELS, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway, crop_of

if TYPE_CHECKING:  # the stubs alone know this name
    from mien.v1.emotion_pb2_grpc import EmotionServiceAsyncStub

TOP = crop_of(JPEG)[0] % len(LABELS)


async def post(client: httpx.AsyncClient, path: str, image: bytes = JPEG) -> Any:
    response = await client.post(path, content=image)
    assert response.status_code == 200, response.text
    return response


@pytest.mark.parametrize("model", ["", PYTORCH, TENSORFLOW])
async def test_both_twins_are_asked(
    client: httpx.AsyncClient, gateway: FakeGateway, model: str
) -> None:
    """Whichever is named; about the same crops, PyTorch's answer first."""
    response = await post(client, f"/v1/compare?model={model}")
    compared = schemas.Comparison.model_validate_json(response.content, strict=True)
    assert [one.name for one in compared.models] == [PYTORCH, TENSORFLOW]
    assert [one.served_by for one in compared.models] == ["torchserve", "tensorflow-serving"]
    assert gateway.torchserve.calls[0][1] == gateway.tensorflow.calls[0][1]
    (face,) = compared.faces
    assert face.answers["pytorch"] == face.answers["tensorflow"]
    assert compared.largest_difference == face.largest_difference == 0


async def test_the_largest_difference_is_found(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """Over all labels and faces."""
    gateway.detector.outcomes[JPEG] = (b"a", b"b")
    gateway.tensorflow.shift = 1
    compared = (await post(client, "/v1/compare")).json()
    answers = [
        [list(face["answers"][name]["probabilities"].values()) for name in face["answers"]]
        for face in compared["faces"]
    ]
    for face, (first, second) in zip(compared["faces"], answers, strict=True):
        largest = max(abs(one - other) for one, other in zip(first, second, strict=True))
        assert face["largest_difference"] == pytest.approx(largest, abs=1e-6)
    assert compared["largest_difference"] > 0.8


async def test_comparing_leaves_the_cache_alone(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """Its latencies are measured, not remembered."""
    await post(client, "/v1/compare")
    await post(client, "/v1/compare")
    assert len(gateway.torchserve.calls) == len(gateway.tensorflow.calls) == 2
    assert gateway.cache.lookups == []


async def test_without_a_face_there_is_nothing_to_compare(client: httpx.AsyncClient) -> None:
    """Which is an answer."""
    compared = (await post(client, "/v1/compare", NO_FACE)).json()
    assert (compared["faces"], compared["largest_difference"]) == ([], 0)


async def test_one_twin_away_is_an_error(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """Half a comparison is none."""
    gateway.tensorflow.away = ModelServerUnavailableError("tensorflow-serving", TENSORFLOW)
    response = await client.post("/v1/compare", content=JPEG)
    assert (response.status_code, response.json()["code"]) == (503, "model_server_unavailable")


async def test_the_top_expression_is_explained(client: httpx.AsyncClient) -> None:
    """With a map of the crop's own size."""
    response = await post(client, "/v1/explain")
    explained = schemas.Explanation.model_validate_json(response.content, strict=True)
    (face,) = explained.faces
    assert face.explained == face.top
    assert (face.heat_map.height, face.heat_map.width) == (48, 48)
    assert [len(row) for row in face.heat_map.rows] == [48] * 48
    assert all(row[TOP] == 1 and sum(row) == 1 for row in face.heat_map.rows)


async def test_any_expression_can_be_explained(client: httpx.AsyncClient) -> None:
    """By its label."""
    (face,) = (await post(client, "/v1/explain?label=sad")).json()["faces"]
    assert face["explained"]["label"] == "sad"
    assert face["explained"]["probability"] == face["probabilities"]["sad"]
    assert face["heat_map"]["rows"][0][LABELS.index("sad")] == 1


async def test_an_explained_face_is_judged_by_the_callers_measure(
    client: httpx.AsyncClient,
) -> None:
    """As an analysed one is; what was explained keeps its name."""
    (face,) = (await post(client, "/v1/explain?minimum_confidence=1")).json()["faces"]
    assert face["top"]["label"] == "uncertain"
    assert face["explained"]["label"] == LABELS[TOP]


async def test_maps_are_not_written_on_the_event_loop(
    client: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of many faces take long; they come in the order of the faces all the same."""
    gateway.detector.outcomes[JPEG] = [b"%d" % number for number in range(20)]
    writers = []

    def present(*arguments: Any) -> dict[str, Any]:
        writers.append(threading.current_thread())
        return present_face(*arguments)

    monkeypatch.setattr(compare_explain, "present_face", present)
    faces = (await post(client, "/v1/explain")).json()["faces"]
    assert [face["index"] for face in faces] == list(range(20))
    assert len(writers) == 20
    assert threading.main_thread() not in writers


async def test_an_unknown_expression_is_told_with_the_known_ones(
    client: httpx.AsyncClient,
) -> None:
    """As an unknown model is."""
    response = await client.post("/v1/explain?label=bored", content=JPEG)
    assert (response.status_code, response.json()["code"]) == (404, "unknown_label")
    assert "happy" in response.json()["detail"]


async def test_the_twin_may_explain(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """Where the caller allows it."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    explained = (await post(client, "/v1/explain?allow_twin=true")).json()
    assert explained["model"]["name"] == TENSORFLOW
    assert explained["served_by"] == "tensorflow-serving"


async def test_comparison_over_grpc(stub: "EmotionServiceAsyncStub") -> None:
    """The same values in messages."""
    response = await stub.Compare(pb.CompareRequest(image=JPEG), timeout=5)
    assert [one.model.name for one in response.models] == [PYTORCH, TENSORFLOW]
    (face,) = response.faces
    assert [one.top.label for one in face.distributions] == [LABELS[TOP]] * 2
    assert response.largest_difference == 0


async def test_explanation_over_grpc(stub: "EmotionServiceAsyncStub") -> None:
    """The same values in messages."""
    response = await stub.Explain(pb.ExplainRequest(image=JPEG, label="fear"), timeout=5)
    (face,) = response.faces
    assert face.explained.label == "fear"
    assert (face.heat_map.height, face.heat_map.width) == (48, 48)
    assert face.heat_map.values[LABELS.index("fear")] == 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Explain(pb.ExplainRequest(image=JPEG, label="bored"), timeout=5)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_explaining_over_grpc_takes_the_options_of_rest(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """The caller's own measure, and the twin where it is allowed."""
    measured = await stub.Explain(pb.ExplainRequest(image=JPEG, minimum_confidence=1), timeout=5)
    assert measured.faces[0].face.top.label == "uncertain"
    assert measured.faces[0].explained.label == LABELS[TOP]
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    explained = await stub.Explain(pb.ExplainRequest(image=JPEG, allow_twin=True), timeout=5)
    assert (explained.model.name, explained.served_by) == (TENSORFLOW, "tensorflow-serving")
