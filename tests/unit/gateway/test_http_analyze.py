"""POST /v1/analyze: three ways to send a picture, one answer."""

import asyncio
import base64
import json

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from mien_gateway.http.app import create_http_app
from mien_gateway.http.openapi import schemas
from tests.fakes.gateway import JPEG, LABELS, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway

BASE64 = base64.b64encode(JPEG).decode()


async def test_a_picture_gives_the_documented_answer(client: httpx.AsyncClient) -> None:
    """Every field of the description is there, and no other."""
    response = await client.post("/v1/analyze", content=JPEG)
    assert response.status_code == 200
    answer = schemas.Analysis.model_validate_json(response.content, strict=True)
    (face,) = answer.faces
    assert list(face.probabilities) == list(LABELS)
    assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert face.top.probability == max(face.probabilities.values())
    assert face.probabilities[face.top.label] == face.top.probability
    assert answer.model == schemas.ModelRef(name=PYTORCH, version=3, framework="pytorch")
    assert answer.detector == schemas.Detector(name="fake", version="1")
    assert answer.image == schemas.ImageSize(width=640, height=360)
    assert (answer.cache, answer.served_by) == ("miss", "torchserve")
    assert answer.timings_ms.total > 0
    assert answer.request_id == response.headers["X-Request-Id"]
    assert "total;dur=" in response.headers["Server-Timing"]


async def test_the_answer_tells_its_stages(client: httpx.AsyncClient) -> None:
    """The detector's own work among them, which is a part of `detect`."""
    response = await client.post("/v1/analyze", content=JPEG)
    stages = dict(part.split(";dur=") for part in response.headers["Server-Timing"].split(", "))
    assert (stages["decode"], stages["find"], stages["crop"]) == ("1.0", "4.0", "0.5")
    outer = ("receive", "hash", "cache", "detect", "infer", "total", "encode")
    assert all(float(stages[name]) > 0 for name in outer)
    parts = sum(float(stages[name]) for name in ("hash", "cache", "detect", "infer"))
    assert float(stages["total"]) >= parts - 0.01


async def test_the_second_identical_call_comes_from_the_cache(
    client: httpx.AsyncClient,
) -> None:
    """And says so, with the same faces."""
    first, second = [(await client.post("/v1/analyze", content=JPEG)).json() for _ in range(2)]
    assert (first["cache"], second["cache"]) == ("miss", "hit")
    assert first["faces"] == second["faces"]


@pytest.mark.parametrize(
    "content_type",
    ["image/jpeg", "image/png", "application/octet-stream", "application/x-www-form-urlencoded"],
)
async def test_a_raw_body_is_judged_by_its_bytes(
    client: httpx.AsyncClient, content_type: str
) -> None:
    """Whatever curl or a browser calls them."""
    response = await client.post(
        "/v1/analyze", content=JPEG, headers={"Content-Type": content_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("field", ["image", "file", "anything"])
async def test_a_form_with_a_file(client: httpx.AsyncClient, field: str) -> None:
    """The field is called `image`, or it is the first file."""
    response = await client.post("/v1/analyze", files={field: ("photo.jpg", JPEG)})
    assert len(response.json()["faces"]) == 1


async def test_a_form_prefers_the_field_called_image(client: httpx.AsyncClient) -> None:
    """Other files beside it are left alone, and the form may name the model."""
    response = await client.post(
        "/v1/analyze",
        files={"thumbnail": ("thumb.jpg", b"no picture"), "image": ("photo.jpg", JPEG)},
        data={"model": TENSORFLOW},
    )
    assert response.status_code == 200
    assert response.json()["model"]["name"] == TENSORFLOW


@pytest.mark.parametrize(
    "text",
    [
        BASE64,
        f"data:image/jpeg;base64,{BASE64}",
        "\n".join(BASE64[start : start + 20] for start in range(0, len(BASE64), 20)),
    ],
    ids=["bare", "data URL", "broken into lines"],
)
async def test_base64_in_json(client: httpx.AsyncClient, text: str) -> None:
    """Bare, as a data URL, or as the command-line tool prints it."""
    response = await client.post("/v1/analyze", json={"image": text, "model": TENSORFLOW})
    assert response.status_code == 200
    assert response.json()["model"]["name"] == TENSORFLOW


async def test_all_ways_lead_to_the_same_answer(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """The same bytes are computed once, however they came."""
    for _ in range(2):
        await client.post("/v1/analyze", content=JPEG)
        await client.post("/v1/analyze", files={"image": ("photo.jpg", JPEG)})
        await client.post("/v1/analyze", json={"image": BASE64})
    assert len(gateway.detector.budgets) == 1


async def test_two_names_that_differ_are_refused(client: httpx.AsyncClient) -> None:
    """The query and the body must not contradict each other."""
    response = await client.post(
        f"/v1/analyze?model={PYTORCH}", json={"image": BASE64, "model": TENSORFLOW}
    )
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_no_face_is_an_answer(client: httpx.AsyncClient) -> None:
    """200 with an empty list."""
    response = await client.post("/v1/analyze", content=NO_FACE)
    assert (response.status_code, response.json()["faces"]) == (200, [])


@pytest.mark.parametrize("header", ["no-store", "No-Store", "max-age=0, no-store"])
async def test_no_store_is_honoured(
    client: httpx.AsyncClient, gateway: FakeGateway, header: str
) -> None:
    """The answer says that the cache was bypassed."""
    response = await client.post("/v1/analyze", content=JPEG, headers={"Cache-Control": header})
    assert response.json()["cache"] == "bypass"
    assert gateway.cache.values == {}


async def test_the_callers_request_id_comes_back(client: httpx.AsyncClient) -> None:
    """In the header and in the document."""
    response = await client.post("/v1/analyze", content=JPEG, headers={"X-Request-Id": "mine-1"})
    assert response.headers["X-Request-Id"] == response.json()["request_id"] == "mine-1"


async def test_the_callers_time_is_the_budget(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """He may ask for less time than there is, not for more."""
    for seconds in ("0.5", "1000"):
        headers = {"X-Request-Timeout": seconds, "Cache-Control": "no-store"}
        await client.post("/v1/analyze", content=JPEG, headers=headers)
    assert gateway.detector.budgets[0] <= 0.5
    assert 4 < gateway.detector.budgets[1] <= gateway.request_timeout_seconds


@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "nan", "5e-324", "0.0009"])
async def test_a_time_that_is_none_is_refused(client: httpx.AsyncClient, seconds: str) -> None:
    """With the header's name."""
    response = await client.post(
        "/v1/analyze", content=JPEG, headers={"X-Request-Timeout": seconds}
    )
    assert response.status_code == 422
    assert "X-Request-Timeout" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/analyze", JPEG),
        (
            f"/v2/models/{PYTORCH}/infer",
            json.dumps(
                {
                    "inputs": [
                        {
                            "name": "image",
                            "datatype": "BYTES",
                            "shape": [1],
                            "data": [base64.b64encode(JPEG).decode()],
                        }
                    ]
                }
            ).encode(),
        ),
    ],
)
async def test_a_caller_who_hangs_up_stops_the_work(
    gateway: FakeGateway, path: str, body: bytes
) -> None:
    """What runs for nobody is cancelled, and it is no error of ours."""
    gateway.detector.delay_seconds = 5
    app = create_http_app(gateway.core)
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"image/jpeg")],
    }
    receive: Receive = incoming.get
    answer: Send = send
    call = asyncio.ensure_future(app(scope, receive, answer))
    await asyncio.sleep(0.05)
    assert gateway.analyzer.in_flight == 1
    incoming.put_nowait({"type": "http.disconnect"})
    done, _ = await asyncio.wait([call], timeout=2)
    assert done
    assert gateway.detector.cancelled == 1
    assert gateway.analyzer.in_flight == 0
    assert sent[0]["status"] == 499
    labels = {"transport": "rest", "model": PYTORCH, "outcome": "cancelled"}
    assert gateway.metrics.registry.get_sample_value("mien_gateway_requests_total", labels) == 1


def test_the_description_names_everything(gateway: FakeGateway) -> None:
    """OpenAPI has the ways to send a picture, an example, and the problems."""
    description = create_http_app(gateway.core).openapi()
    post = description["paths"]["/v1/analyze"]["post"]
    assert {"image/jpeg", "multipart/form-data", "application/json"} <= set(
        post["requestBody"]["content"]
    )
    assert "422" in post["responses"]
    example = post["responses"]["200"]["content"]["application/json"]["example"]
    schemas.Analysis.model_validate_json(json.dumps(example), strict=True)
    assert set(description["paths"]) == {
        "/v1/analyze",
        "/v1/analyze/batch",
        "/v1/compare",
        "/v1/explain",
        "/v1/sessions/{session}/timeline",
        "/v1/analyze/annotated",
        "/v1/videos",
        "/v1/videos/{identifier}/subtitles.vtt",
        "/v1/videos/{identifier}/timeline.csv",
        "/v1/videos/{identifier}/cancel",
        "/v1/videos/{identifier}/events",
        "/v1/videos/{identifier}/annotated.mp4",
        "/v1/videos/{identifier}/results.json",
        "/v1/videos/{identifier}",
        "/predict_emotion",
        "/v1/models",
        "/v1/models/{name}",
        "/v1/models/{name}/card",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/{name}",
        "/v2/models/{name}/ready",
        "/v2/models/{name}/infer",
        "/v2/models/{name}/versions/{version}",
        "/v2/models/{name}/versions/{version}/ready",
        "/v2/models/{name}/versions/{version}/infer",
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/notice",
    }
