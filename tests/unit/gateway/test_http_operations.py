"""What operators and their machines ask."""

import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mien_gateway.domain import DetectorIdentity
from mien_gateway.errors import DetectorUnavailableError, ModelServerUnavailableError
from mien_gateway.http.openapi import schemas
from tests.fakes.gateway import JPEG, LABELS, PYTORCH, TENSORFLOW, FakeGateway


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and its labels' values in the order of the labels' names."""
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("torchserve", [True, False])
@pytest.mark.parametrize("tensorflow", [True, False])
@pytest.mark.parametrize("detector", [True, False])
@pytest.mark.parametrize("redis", [True, False])
async def test_readiness_by_the_state_of_each_part(
    client: httpx.AsyncClient,
    gateway: FakeGateway,
    *,
    torchserve: bool,
    tensorflow: bool,
    detector: bool,
    redis: bool,
) -> None:
    """The detector and one model server must answer; Redis need not. The process lives on."""
    away = ModelServerUnavailableError("server", "model")
    gateway.torchserve.away = None if torchserve else away
    gateway.tensorflow.away = None if tensorflow else away
    gateway.detector.away = None if detector else DetectorUnavailableError()
    gateway.cache.away = not redis
    response = await client.get("/readyz")
    ready = detector and (torchserve or tensorflow)
    assert response.status_code == (200 if ready else 503)
    readiness = schemas.Readiness.model_validate_json(response.content, strict=True)
    whole = detector and torchserve and tensorflow and redis
    up = "ready" if whole else "degraded"
    assert readiness.status == (up if ready else "not ready")
    assert readiness.parts == {
        part: "up" if up else "down"
        for part, up in {
            "face-detector": detector,
            "torchserve": torchserve,
            "tensorflow-serving": tensorflow,
            "redis": redis,
        }.items()
    }
    assert readiness.models == {PYTORCH: torchserve, TENSORFLOW: tensorflow}
    assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_a_part_that_fails_later_takes_no_replica_down(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """All replicas share it: unready, none would answer, not even from the cache."""
    assert (await client.get("/readyz")).status_code == 200
    gateway.detector.away = DetectorUnavailableError()
    await gateway.core.monitor.check()
    response = await client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["parts"]["face-detector"] == "down"


async def test_whoever_asks_is_told_what_was_last_found(
    client: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask, as often as he likes: the parts hear of the first one alone."""
    probes = []
    probe = gateway.detector.probe

    async def counted(timeout_seconds: float) -> DetectorIdentity:
        probes.append(timeout_seconds)
        return await probe(timeout_seconds)

    monkeypatch.setattr(gateway.detector, "probe", counted)
    for path in ("/readyz", "/v2/health/ready", f"/v2/models/{PYTORCH}/ready") * 3:
        assert (await client.get(path)).status_code == 200
    assert len(probes) == 1


async def test_a_finding_that_is_too_old_is_not_told(
    client: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should nobody look any more, the caller's question is the look."""
    assert (await client.get("/readyz")).json()["status"] == "ready"
    gateway.detector.away = DetectorUnavailableError()
    now = time.monotonic()
    monkeypatch.setattr("mien_gateway.readiness.monotonic", lambda: now + 60)
    assert (await client.get("/readyz")).json()["status"] == "degraded"


async def test_a_gateway_that_is_stopping_is_not_ready(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """So that no new caller is sent to it."""
    gateway.core.monitor.draining = True
    response = await client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "draining")
    assert (await client.get("/healthz")).status_code == 200


async def test_every_model_is_listed(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """With what a caller must know of it, the default first."""
    gateway.tensorflow.away = ModelServerUnavailableError("server", "model")
    await client.get("/readyz")
    response = await client.get("/v1/models")
    first, second = schemas.ModelList.model_validate_json(response.content, strict=True).models
    assert (first.name, first.server, first.default, first.ready) == (
        PYTORCH,
        "torchserve",
        True,
        True,
    )
    assert (second.name, second.server, second.default, second.ready) == (
        TENSORFLOW,
        "tensorflow-serving",
        False,
        False,
    )
    assert first.labels == list(LABELS)
    assert first.input == schemas.CropShape(height=48, width=48, channels=1)
    assert first.metrics == {"public_test_accuracy": 0.625}


async def test_one_model_is_described_as_in_the_list(client: httpx.AsyncClient) -> None:
    """By its name."""
    listed = (await client.get("/v1/models")).json()["models"]
    for model in listed:
        assert (await client.get(f"/v1/models/{model['name']}")).json() == model


async def test_requests_are_counted_by_outcome(client: httpx.AsyncClient) -> None:
    """A caller's words never become a label."""
    await client.post("/v1/analyze", content=JPEG)
    await client.post("/v1/analyze?model=my-secret-name", content=JPEG)
    await client.post("/v1/analyze", content=b"")
    found = await figures(client)
    total = "mien_gateway_requests_total"
    assert found[total, PYTORCH, "ok", "rest"] == 1
    assert found[total, "unknown", "unknown_model", "rest"] == 1
    assert found[total, PYTORCH, "empty_image", "rest"] == 1
    assert not any("my-secret-name" in key for key in found)
    assert found["mien_gateway_request_duration_seconds_count", "rest"] == 3
    assert found["mien_gateway_in_flight_requests",] == 0


async def test_stages_faces_and_the_cache_are_measured(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """Each stage that ran is observed once per picture; each look-up is counted."""
    gateway.detector.outcomes[JPEG] = (b"one", b"two")
    for _ in range(2):
        await client.post("/v1/analyze", content=JPEG)
        await gateway.analyzer.settle()
    found = await figures(client)
    for stage in ("cache", "detect", "infer"):
        assert found["mien_gateway_stage_duration_seconds_count", stage] == 1
    lookups = "mien_gateway_cache_lookups_total"
    assert found[lookups, "frame", "miss"] == found[lookups, "frame", "hit"] == 1
    assert found[lookups, "face", "miss"] == 2
    assert found["mien_gateway_faces_sum",] == 2


async def test_the_parts_states_are_metrics(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """So that an alert can name the part."""
    gateway.detector.away = DetectorUnavailableError()
    await client.get("/readyz")
    found = await figures(client)
    assert found["mien_gateway_part_up", "face-detector"] == 0
    assert found["mien_gateway_part_up", "torchserve"] == 1


async def test_calls_to_parts_are_metrics(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """An autoscaler follows them, and sees those that an open circuit kept away."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "no-store"}
    for _ in range(7):
        await client.post("/v1/analyze", params={"model": PYTORCH}, content=JPEG, headers=headers)
    found = await figures(client)
    calls = "mien_gateway_part_requests_total"
    assert found[calls, "ok", "face-detector"] == 7
    assert found[calls, "failed", "torchserve"] == 5
    assert found[calls, "refused", "torchserve"] == 2
    assert found["mien_gateway_part_duration_seconds_count", "torchserve"] == 5
    assert found["mien_gateway_part_in_flight_requests", "torchserve"] == 0


async def test_the_documentation_is_served(client: httpx.AsyncClient) -> None:
    """As a page, over a description that can be loaded."""
    assert (await client.get("/docs")).status_code == 200
    assert (await client.get("/openapi.json")).json()["info"]["title"] == "Mien"
