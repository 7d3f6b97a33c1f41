"""The door before REST."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.auth.rates import parse_rate
from mien_gateway.http.app import create_http_app
from mien_gateway.http.middleware import key_among
from mien_gateway.http.openapi import schemas
from tests.fakes.access import ALICE, ALICE_NEW, BOB, keys
from tests.fakes.gateway import JPEG, FakeGateway

OPEN = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/v1/notice",
    "/docs",
    "/openapi.json",
    "/v2/health/live",
    "/v2/health/ready",
]
ORIGIN = "https://example.org"


@asynccontextmanager
async def client_of(
    gateway: FakeGateway, address: str = "192.0.2.1"
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(
        create_http_app(gateway.core), raise_app_exceptions=False, client=(address, 5)
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        yield client
    await gateway.analyzer.settle()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that wants keys."""
    async with client_of(FakeGateway(keys=keys())) as client:
        yield client


@pytest.mark.parametrize("key", [ALICE, ALICE_NEW, BOB])
@pytest.mark.parametrize("form", ["Bearer", "bearer", "X-Api-Key"])
async def test_a_right_key_opens(client: httpx.AsyncClient, key: str, form: str) -> None:
    """In either header; two keys of one caller at the same time."""
    headers = {form: key} if form == "X-Api-Key" else {"Authorization": f"{form} {key}"}
    assert (await client.post("/v1/analyze", content=JPEG, headers=headers)).status_code == 200
    assert (await client.get("/v1/models", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": ALICE},
        {"Authorization": f"Bearer {ALICE}x"},
        {"Authorization": f"Bearer mien_wrong, Bearer {ALICE}"},
        {"Authorization": "Bearer " + "x" * 50_000},
        {"Authorization": "Bearer ключ".encode()},
        {"X-Api-Key": ""},
        {"X-Api-Key": b"\xff\xfe"},
    ],
    ids=lambda headers: ascii(headers)[:40],
)
@pytest.mark.parametrize("path", ["/v1/analyze", "/predict_emotion", "/v1/models", "/nothing"])
async def test_anything_else_does_not(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    """A problem document like every other, with how to do better and without the key."""
    response = await client.post(path, content=JPEG, headers=headers)
    problem = schemas.Problem.model_validate_json(response.content, strict=True)
    assert (response.status_code, problem.code) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="mien"'
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Request-Id"] == problem.request_id
    assert "mien_" not in response.text


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_open_stays_open(path: str) -> None:
    """To those without a key, and however often they come."""
    async with client_of(FakeGateway(keys=keys(), rate=parse_rate("1/day"))) as client:
        for _ in range(3):
            response = await client.get(path)
            assert response.status_code == 200
            assert "RateLimit-Limit" not in response.headers


@pytest.mark.parametrize("path", ["/v1/notice/", "//metrics", "/%76%31/notice/x"])
async def test_what_only_looks_open_is_not(client: httpx.AsyncClient, path: str) -> None:
    """The whole path counts."""
    response = await client.get(httpx.URL("http://mien", raw_path=path.encode()))
    assert response.status_code == 401


@given(
    st.lists(
        st.tuples(st.sampled_from([b"authorization", b"x-api-key", b"host"]), st.binary()),
        max_size=4,
    )
)
def test_any_header_gives_a_key_or_none(headers: list[tuple[bytes, bytes]]) -> None:
    """Bytes are never a reason to fail."""
    key = key_among(headers)
    assert key is None or keys().find(key) is None


async def test_a_rate_is_told_and_kept() -> None:
    """N calls with what is left, then 429 with the wait; the next caller is not concerned."""
    gateway = FakeGateway(keys=keys("2/hour"))
    async with client_of(gateway) as client:
        headers = {"X-Api-Key": ALICE}
        for left in ("1", "0"):
            response = await client.post("/v1/analyze", content=JPEG, headers=headers)
            assert response.status_code == 200
            assert response.headers["RateLimit-Limit"] == "2"
            assert response.headers["RateLimit-Remaining"] == left
            assert 0 < int(response.headers["RateLimit-Reset"]) <= 3600
        refused = await client.post(
            "/v1/analyze", content=JPEG, headers={"Authorization": f"Bearer {ALICE_NEW}"}
        )
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
        assert refused.headers["RateLimit-Remaining"] == "0"
        bob = await client.get("/v1/models", headers={"X-Api-Key": BOB})
        assert bob.status_code == 200
        assert "RateLimit-Limit" not in bob.headers
        metrics = (await client.get("/metrics")).text
    assert 'mien_gateway_refusals_total{code="rate_limited"} 1.0' in metrics


async def test_callers_without_a_key_are_told_apart_by_address() -> None:
    """One address's rate is not another's."""
    gateway = FakeGateway(rate=parse_rate("1/day"))
    async with client_of(gateway) as one, client_of(gateway, "192.0.2.2") as other:
        codes = [(await client.get("/v1/models")).status_code for client in (one, one, other)]
    assert codes == [200, 429, 200]


@pytest.mark.parametrize("content", [JPEG, b"no picture"])
async def test_answers_about_faces_name_the_notice_and_are_not_kept(
    client: httpx.AsyncClient, content: bytes
) -> None:
    """Good or bad; other answers may be kept."""
    headers = {"X-Api-Key": BOB}
    response = await client.post("/v1/analyze", content=content, headers=headers)
    assert response.headers["Link"] == '</v1/notice>; rel="notice"'
    assert response.headers["Cache-Control"] == "no-store"
    models = await client.get("/v1/models", headers=headers)
    assert not {"Link", "Cache-Control"} & set(models.headers)
    assert {answer.headers["X-Content-Type-Options"] for answer in (response, models)} == {
        "nosniff"
    }


async def test_even_our_own_faults_carry_the_headers() -> None:
    """The last resort stands inside too, and pages of other origins can read it."""
    gateway = FakeGateway(cors_origins=(ORIGIN,))
    gateway.detector.away = RuntimeError("a fault")  # type: ignore[assignment] # on purpose
    async with client_of(gateway) as client:
        response = await client.post("/v1/analyze", content=JPEG, headers={"Origin": ORIGIN})
    assert response.status_code == 500
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_pages_of_other_origins() -> None:
    """Only those in the list may ask and read; the question before the question needs no key."""
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with client_of(FakeGateway(keys=keys(), cors_origins=(ORIGIN,))) as client:
        good = await client.options("/v1/analyze", headers={"Origin": ORIGIN, **preflight})
        bad = await client.options(
            "/v1/analyze", headers={"Origin": "https://evil.example", **preflight}
        )
        refused = await client.post("/v1/analyze", content=JPEG, headers={"Origin": ORIGIN})
    assert (good.status_code, good.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "Access-Control-Allow-Origin" not in bad.headers
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, ORIGIN)
    assert "RateLimit-Remaining" in refused.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://mien:8000"},
        {"Origin": "http://mien.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_other_pages_change_nothing(method: str, headers: dict[str, str]) -> None:
    """A browser sends such requests without asking first; nothing is begun for them."""
    gateway = FakeGateway(cors_origins=(ORIGIN,))
    async with client_of(gateway) as client:
        response = await client.request(method, "/v1/analyze", content=JPEG, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "origin_forbidden")
    assert "MIEN_GATEWAY_CORS_ORIGINS" in response.json()["detail"]
    assert gateway.detector.budgets == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://mien", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://mien"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_pages_that_may_change_something(headers: dict[str, str]) -> None:
    """One of the list, our own, and what a person typed."""
    async with client_of(FakeGateway(cors_origins=(ORIGIN,))) as client:
        response = await client.post("/v1/analyze", content=JPEG, headers=headers)
    assert response.status_code == 200


async def test_other_pages_may_read_what_they_cannot_see(client: httpx.AsyncClient) -> None:
    """A link is no change; the browser keeps the answer to itself."""
    headers = {"X-Api-Key": BOB, "Sec-Fetch-Site": "cross-site"}
    assert (await client.get("/v1/models", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8000", "LOCALHOST.", "mien.localhost:1", "127.0.0.1", "[::1]:80"),
        *("192.0.2.7:8000", "[2001:db8::1]", "mien", "gateway.example.org", "a.b.example.org:443"),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/models", "/docs"])
async def test_hosts_that_are_answered(host: str, path: str) -> None:
    """Loopback names and addresses, whoever asks; other names where they are listed."""
    gateway = FakeGateway(settings={"allowed_hosts": "mien, *.example.org"})
    async with client_of(gateway) as client:
        response = await client.get(path, headers={"Host": host})
    assert response.status_code != 421


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example", "example.org"),
        *("evilexample.org", "127.0.0.1.evil.example", "127.1", "0x7f000001", "a b", "é"),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/analyze", "/nothing"])
async def test_other_hosts_are_not(host: str, path: str) -> None:
    """A page whose name was bound to our address again is of such a host."""
    gateway = FakeGateway(settings={"allowed_hosts": "mien, *.example.org"})
    async with client_of(gateway) as client:
        headers = {b"Host": host.encode("latin-1"), b"X-Request-Id": b"mine"}
        response = await client.get(path, headers=headers)
    problem = schemas.Problem.model_validate_json(response.content, strict=True)
    assert (response.status_code, problem.code) == (421, "host_forbidden")
    assert "MIEN_GATEWAY_ALLOWED_HOSTS" in problem.detail
    assert host in problem.detail
    assert response.headers["X-Request-Id"] == "mine"


async def test_any_host_may_be_allowed() -> None:
    """By an asterisk."""
    async with client_of(FakeGateway(settings={"allowed_hosts": "*"})) as client:
        response = await client.get("/healthz", headers={"Host": "any.example"})
    assert response.status_code == 200


async def test_as_it_comes_no_other_origin_may(client: httpx.AsyncClient) -> None:
    """Off by default."""
    response = await client.post(
        "/v1/analyze", content=JPEG, headers={"X-Api-Key": BOB, "Origin": ORIGIN}
    )
    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_the_description_says_where_a_key_goes(client: httpx.AsyncClient) -> None:
    """So that the page made of it has a field for one."""
    for _ in range(2):
        description = (await client.get("/openapi.json")).json()
        schemes = description["components"]["securitySchemes"]
        assert {scheme for choice in description["security"] for scheme in choice} == set(schemes)
    assert {"401", "429"} <= set(description["paths"]["/v1/analyze"]["post"]["responses"])
