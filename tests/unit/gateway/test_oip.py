"""The Open Inference Protocol: the same core, for clients of other servers."""

import base64
from typing import Any

import httpx
import pytest

from mien_gateway import errors
from mien_gateway.http.app import create_http_app
from mien_gateway.http.openapi import open_inference
from tests.fakes.access import ALICE, keys
from tests.fakes.gateway import JPEG, LABELS, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway

MODEL = f"/v2/models/{PYTORCH}"
INFER = f"{MODEL}/infer"
AWAY = errors.ModelServerUnavailableError("torchserve", PYTORCH)


def image(picture: bytes = JPEG, **changes: Any) -> dict[str, Any]:
    text = base64.b64encode(picture).decode()
    tensor = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [text]}
    return {**tensor, **changes}


def body(*inputs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"inputs": list(inputs) or [image()], **fields}


def tensors(response: httpx.Response) -> dict[str, open_inference.OutputTensor]:
    """The outputs of a good answer, by name."""
    assert response.status_code == 200, response.text
    answer = open_inference.InferenceAnswer.model_validate_json(response.content)
    return {one.name: one for one in answer.outputs}


def assert_error(response: httpx.Response, status: int, code: str) -> str:
    """Check the protocol's form, and return the sentence."""
    found = open_inference.InferenceError.model_validate_json(response.content, strict=True)
    assert (response.status_code, found.code) == (status, code)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-Id"]
    return found.error


async def test_the_server_says_who_it_is(client: httpx.AsyncClient) -> None:
    """And which extensions it has: none."""
    response = await client.get("/v2")
    metadata = open_inference.ServerMetadata.model_validate_json(response.content, strict=True)
    assert (metadata.name, metadata.extensions) == ("mien", [])


async def test_health(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """Live whatever happens; ready as /readyz says, in the status and in the document."""
    assert (await client.get("/v2/health/ready")).json() == {"ready": True}
    gateway.core.monitor.draining = True
    response = await client.get("/v2/health/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False})
    assert (await client.get("/v2/health/live")).json() == {"live": True}


@pytest.mark.parametrize("place", [MODEL, f"{MODEL}/versions/3"])
async def test_a_model_is_described(client: httpx.AsyncClient, place: str) -> None:
    """By what goes in and what comes out."""
    response = await client.get(place)
    metadata = open_inference.ModelMetadata.model_validate_json(response.content, strict=True)
    assert (metadata.name, metadata.versions) == (PYTORCH, ["3"])
    assert metadata.platform == "pytorch_torchscript"
    assert metadata.inputs == [
        open_inference.TensorMetadata(name="image", datatype="BYTES", shape=[1])
    ]
    assert [(one.name, one.datatype, one.shape) for one in metadata.outputs] == [
        ("boxes", "FP32", [-1, 4]),
        ("probabilities", "FP32", [-1, len(LABELS)]),
        ("labels", "BYTES", [-1]),
        ("classes", "BYTES", [len(LABELS)]),
    ]


async def test_the_twin_has_another_platform(client: httpx.AsyncClient) -> None:
    """The format that its server loads."""
    document = (await client.get(f"/v2/models/{TENSORFLOW}")).json()
    assert document["platform"] == "tensorflow_savedmodel"


async def test_each_model_is_ready_or_not(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """By its own server, in the status and in the document."""
    gateway.tensorflow.away = AWAY
    good = await client.get(f"{MODEL}/versions/3/ready")
    assert (good.status_code, good.json()) == (200, {"name": PYTORCH, "ready": True})
    bad = await client.get(f"/v2/models/{TENSORFLOW}/ready")
    assert (bad.status_code, bad.json()) == (503, {"name": TENSORFLOW, "ready": False})


@pytest.mark.parametrize("suffix", ["", "/ready"])
@pytest.mark.parametrize("place", ["none", f"{PYTORCH}/versions/2", f"{PYTORCH}/versions/03"])
async def test_what_is_not_served_is_not_found(
    client: httpx.AsyncClient, place: str, suffix: str
) -> None:
    """Neither another model nor another version; the sentence names what there is."""
    response = await client.get(f"/v2/models/{place}{suffix}")
    assert PYTORCH in assert_error(response, 404, "unknown_model")


async def test_faces_come_as_tensors(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """The same values as /v1/analyze gives, a row per face."""
    gateway.detector.outcomes[JPEG] = (b"large", b"small")
    faces = (await client.post("/v1/analyze", content=JPEG)).json()["faces"]
    response = await client.post(f"{MODEL}/versions/3/infer", json=body(id="42"))
    found = tensors(response)
    assert found["boxes"].shape == [2, 4]
    assert found["boxes"].data == [side for face in faces for side in face["box"].values()]
    assert found["probabilities"].shape == [2, len(LABELS)]
    assert found["probabilities"].data == [
        share for face in faces for share in face["probabilities"].values()
    ]
    assert found["labels"].data == [face["top"]["label"] for face in faces]
    assert (found["classes"].shape, found["classes"].data) == ([len(LABELS)], list(LABELS))
    answer = response.json()
    assert (answer["model_name"], answer["model_version"], answer["id"]) == (PYTORCH, "3", "42")
    assert answer["parameters"] == {"served_by": "torchserve", "cache": "hit"}
    assert "total;dur=" in response.headers["Server-Timing"]
    assert response.headers["Link"] == '</v1/notice>; rel="notice"'
    assert response.headers["Cache-Control"] == "no-store"


async def test_no_face_gives_tensors_without_rows(client: httpx.AsyncClient) -> None:
    """Whose shapes say so; the classes are what they are."""
    found = tensors(await client.post(INFER, json=body(image(NO_FACE))))
    assert {name: (one.shape, one.data) for name, one in found.items()} == {
        "boxes": ([0, 4], []),
        "probabilities": ([0, len(LABELS)], []),
        "labels": ([0], []),
        "classes": ([len(LABELS)], list(LABELS)),
    }


async def test_only_the_outputs_asked_for_come(client: httpx.AsyncClient) -> None:
    """What else an output says belongs to extensions and does no harm."""
    wanted = [{"name": "labels", "parameters": {"binary_data": False}}]
    assert set(tensors(await client.post(INFER, json=body(outputs=wanted)))) == {"labels"}


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [1, 1]},
        {"shape": [1, 1], "data": [image()["data"]]},
        {"parameters": {"content_type": "base64"}},
        {"data": [f"data:image/jpeg;base64,{image()['data'][0]}"]},
    ],
    ids=["two dimensions", "nested", "with a codec", "data URL"],
)
async def test_ways_in_which_clients_word_one_picture(
    client: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    """Each means the same, and fields that are not there may be null."""
    document = body(image(**changes), id=None, parameters=None, outputs=None)
    assert tensors(await client.post(INFER, json=document))["labels"].shape == [1]


async def test_the_requests_id_stands_in(client: httpx.AsyncClient) -> None:
    """For one that the caller did not give."""
    response = await client.post(INFER, json=body(), headers={"X-Request-Id": "mine-1"})
    assert response.json()["id"] == response.headers["X-Request-Id"] == "mine-1"


async def test_an_unsure_label_is_uncertain(client: httpx.AsyncClient) -> None:
    """By the caller's own measure."""
    document = body(parameters={"minimum_confidence": 1, "binary_data_output": True})
    assert tensors(await client.post(INFER, json=document))["labels"].data == ["uncertain"]


async def test_the_twin_may_answer(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """Where the caller allows it, and the answer says so."""
    gateway.torchserve.away = AWAY
    refused = await client.post(INFER, json=body())
    assert_error(refused, 503, "model_server_unavailable")
    assert refused.headers["Retry-After"]
    response = await client.post(INFER, json=body(parameters={"allow_twin": True}))
    assert response.json()["parameters"]["served_by"] == "tensorflow-serving"


async def test_no_store_is_honoured(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """As in /v1."""
    response = await client.post(INFER, json=body(), headers={"Cache-Control": "no-store"})
    assert response.json()["parameters"]["cache"] == "bypass"
    assert gateway.cache.values == {}


@pytest.mark.parametrize(
    "several",
    [
        image(shape=[2], data=image()["data"] * 2),
        image(shape=[2, 1], data=[image()["data"], image()["data"]]),
        image(shape=[2]),
        image(data=image()["data"] * 2),
    ],
)
async def test_several_pictures_go_elsewhere(
    client: httpx.AsyncClient, several: dict[str, Any]
) -> None:
    """The sentence says where."""
    error = assert_error(await client.post(INFER, json=body(several)), 422, "invalid_request")
    assert "/v1/analyze/batch" in error


@pytest.mark.parametrize(
    ("document", "status", "code", "named"),
    [
        ([], 422, "invalid_request", "the body"),
        ({}, 422, "invalid_request", "inputs"),
        ({"inputs": []}, 422, "invalid_request", "`image`"),
        (body(image(), image()), 422, "invalid_request", "`image`"),
        (body(image(name="input0")), 422, "invalid_request", "`image`"),
        (body(image(datatype="UINT8")), 422, "invalid_request", "BYTES"),
        (body(image(shape=[])), 422, "invalid_request", "[1]"),
        (body(image(shape=[0])), 422, "invalid_request", "[1]"),
        (body(image(shape=["1"])), 422, "invalid_request", "inputs.0.shape.0"),
        (body(image(datatype="UINT8")), 422, "invalid_request", "not UINT8"),
        (body(image(datatype="UINT8", shape=[2], data=[1, 2])), 422, "invalid_request", "UINT8"),
        (body(image(data=[])), 422, "invalid_request", "base64"),
        (body(image(data=[255])), 422, "invalid_request", "base64"),
        (body(image(data=["no base64!"])), 400, "invalid_base64", "`image`"),
        (body(image(b"")), 400, "empty_image", "empty"),
        (body(image(b"text")), 415, "unsupported_media_type", "JPEG"),
        (body(image(JPEG + bytes(100_000))), 413, "image_too_large", "bytes"),
        (body(image(JPEG + bytes(1_000_000))), 413, "image_too_large", "bytes"),
        (body(id=42), 422, "invalid_request", "id"),
        (body(outputs=[{"name": "emotions"}]), 422, "invalid_request", "probabilities"),
        (
            body(parameters={"minimum_confidence": 2}),
            422,
            "invalid_request",
            "parameters.minimum_confidence",
        ),
        (body(parameters={"allow_twin": "yes"}), 422, "invalid_request", "parameters.allow_twin"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said(
    client: httpx.AsyncClient, document: object, status: int, code: str, named: str
) -> None:
    """In the protocol's form, naming the place."""
    error = assert_error(await client.post(INFER, json=document), status, code)
    assert named in error


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"inputs": ' + b"[" * 100_000])
async def test_what_is_no_json(client: httpx.AsyncClient, content: bytes) -> None:
    """However it is broken."""
    assert_error(await client.post(INFER, content=content), 422, "invalid_request")


async def test_no_body_at_all(client: httpx.AsyncClient) -> None:
    """As in /v1."""
    assert_error(await client.post(INFER), 400, "empty_image")


async def test_binary_tensors_are_refused(client: httpx.AsyncClient) -> None:
    """With what to tell the client library instead."""
    headers = {"Inference-Header-Content-Length": "2"}
    response = await client.post(INFER, content=b"{}" + JPEG, headers=headers)
    assert "binary_data=False" in assert_error(response, 422, "invalid_request")


async def test_a_packed_body_is_refused(client: httpx.AsyncClient) -> None:
    """Before it is read."""
    response = await client.post(INFER, json=body(), headers={"Content-Encoding": "gzip"})
    error = assert_error(response, 415, "unsupported_media_type")
    assert error == "`Content-Encoding` is not supported: send the body as it is, not compressed"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v2/nowhere", 404, "not_found"),
        ("GET", INFER, 405, "method_not_allowed"),
        ("POST", "/v2/models/none/infer", 404, "unknown_model"),
        ("POST", f"{MODEL}/versions/9/infer", 404, "unknown_model"),
    ],
)
async def test_wrong_calls(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """The framework's own errors have the protocol's form too; a path beside it has ours."""
    assert_error(await client.request(method, path), status, code)
    beside = await client.get("/v2nowhere")
    assert beside.headers["Content-Type"] == "application/problem+json"


async def test_what_nobody_foresaw(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """Shows nothing of its cause."""
    gateway.detector.away = RuntimeError("secret internals")  # type: ignore[assignment] # on purpose
    assert "secret" not in assert_error(
        await client.post(INFER, json=body()), 500, "internal_error"
    )


async def test_the_door_stands_before_it() -> None:
    """All but health needs a key."""
    app = create_http_app(FakeGateway(keys=keys()).core)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        for path in ("/v2", MODEL, f"{MODEL}/ready", "/v2/health/live/"):
            response = await client.get(path)
            assert_error(response, 401, "unauthenticated")
            assert response.headers["WWW-Authenticate"]
            assert "Link" not in response.headers
        assert_error(await client.post(INFER, json=body()), 401, "unauthenticated")
        answer = await client.post(INFER, json=body(), headers={"X-Api-Key": ALICE})
        assert answer.status_code == 200


def test_the_description_fits(gateway: FakeGateway) -> None:
    """Its example is an answer, and every name in a path is described."""
    paths = create_http_app(gateway.core).openapi()["paths"]
    for path, calls in paths.items():
        if path.startswith("/v2"):
            for call in calls.values():
                named = [one["name"] for one in call.get("parameters", ()) if one["in"] == "path"]
                assert all(f"{{{name}}}" in path for name in named)
                assert len(named) == path.count("{")
    post = paths["/v2/models/{name}/infer"]["post"]
    example = post["responses"]["200"]["content"]["application/json"]["example"]
    open_inference.InferenceAnswer.model_validate(example)
