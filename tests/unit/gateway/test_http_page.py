"""The web page, as browsers ask for it."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from mien_gateway.auth.rates import parse_rate
from mien_gateway.http.app import create_http_app
from mien_gateway.http.openapi import schemas
from mien_gateway.http.static import PageFile, load_page
from tests.fakes.access import keys
from tests.fakes.gateway import JPEG, FakeGateway

HTML = b"<!doctype html><title>Mien</title>"
SCRIPT = b"console.log('a script')" * 10
PACKED = {"br": b"as far as the gateway looks, brotli", "gzip": gzip.compress(SCRIPT)}
ASSET = "/assets/index-Bq3_x-9Z.js"
TYPES = {
    "/": "text/html; charset=utf-8",
    "/index.html": "text/html; charset=utf-8",
    "/docs": "text/html; charset=utf-8",
    ASSET: "text/javascript; charset=utf-8",
    "/assets/index-Bq3_x-9Z.css": "text/css; charset=utf-8",
    "/sw.js": "text/javascript; charset=utf-8",
    "/manifest.webmanifest": "application/manifest+json",
    "/icons/icon.svg": "image/svg+xml",
    "/icons/icon-192.png": "image/png",
    "/assets/text-Bq3_x-9Z.woff2": "font/woff2",
    "/unknown.kind": "application/octet-stream",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, PageFile]:
    """A page of every kind of file."""
    for folder in ("assets", "icons"):
        (tmp_path / folder).mkdir()
    for path in TYPES.keys() - {"/", "/docs"}:
        (tmp_path / path[1:]).write_bytes(HTML if path.endswith("html") else b"{}")
    (tmp_path / "docs.html").write_bytes(HTML)
    (tmp_path / ASSET[1:]).write_bytes(SCRIPT)
    (tmp_path / f"{ASSET[1:]}.br").write_bytes(PACKED["br"])
    (tmp_path / f"{ASSET[1:]}.gz").write_bytes(PACKED["gzip"])
    return dict(load_page(tmp_path))


@asynccontextmanager
async def client_of(
    files: dict[str, PageFile], gateway: FakeGateway | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_http_app((gateway or FakeGateway()).core, files)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        yield client


@pytest.fixture
async def client(files: dict[str, PageFile]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a key, before a gateway that asks for one and counts."""
    gateway = FakeGateway(keys=keys(), rate=parse_rate("1/day"))
    async with client_of(files, gateway) as client:
        yield client


@pytest.mark.parametrize("path", TYPES)
async def test_every_file_comes_safely_and_to_everybody(
    client: httpx.AsyncClient, path: str
) -> None:
    """As often as a page needs it; it runs no foreign script, and asks for nothing but a camera."""
    for _ in range(3):
        response = await client.get(path)
        assert response.status_code == 200
    headers = response.headers
    assert headers["Content-Type"] == TYPES[path]
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    allowed = dict(one.split("=") for one in headers["Permissions-Policy"].split(", "))
    assert {name for name, who in allowed.items() if who != "()"} == {"camera"}
    assert allowed["camera"] == "(self)"
    assert not {"RateLimit-Limit", "Link", "X-Request-Id"} & set(headers)


@pytest.mark.parametrize("path", TYPES)
async def test_how_long_a_file_may_be_kept(client: httpx.AsyncClient, path: str) -> None:
    """For good where the content has its own name, else until it was asked about."""
    kept = (await client.get(path)).headers["Cache-Control"]
    if "-Bq3_x-9Z." in path:
        assert kept == "public, max-age=31536000, immutable"
    else:
        assert kept == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR", "br"),
        ("br;q=0, gzip;q=0", "identity"),
        ("identity", "identity"),
        ("", "identity"),
        (";;q=,,br;q=x", "identity"),
    ],
)
async def test_a_file_comes_in_the_smallest_form_that_is_understood(
    client: httpx.AsyncClient, accepted: str, coding: str
) -> None:
    """Each form has a tag of its own; who keeps them is told that there are several."""
    headers = {"Accept-Encoding": accepted}
    async with client.stream("GET", ASSET, headers=headers) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert raw == PACKED.get(coding, SCRIPT)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers.get("Content-Encoding", "identity") == coding
    assert response.headers["Content-Length"] == str(len(raw))
    assert response.headers["ETag"].endswith({"identity": '"'}.get(coding, f'-{coding}"'))


async def test_what_was_not_compressed_comes_as_it_is(client: httpx.AsyncClient) -> None:
    """Though more would be understood."""
    response = await client.get("/", headers={"Accept-Encoding": "br, gzip"})
    assert response.content == HTML
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{} ', "*"])
@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
async def test_what_the_caller_has_is_not_sent_again(
    client: httpx.AsyncClient, form: str, accepted: str
) -> None:
    """304 with the headers that keep it fresh, and nothing else."""
    headers = {"Accept-Encoding": accepted}
    first = await client.head(ASSET, headers=headers)
    known = form.format(first.headers["ETag"])
    again = await client.get(ASSET, headers=headers | {"If-None-Match": known})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
        assert again.headers[name] == first.headers[name]
    assert not {"Content-Length", "Content-Type", "Content-Encoding"} & set(again.headers)


@pytest.mark.parametrize("known", [b'"other"', b"", b"W/", b'"', "é".encode()])
async def test_what_the_caller_does_not_have_is_sent(
    client: httpx.AsyncClient, known: bytes
) -> None:
    """Another form's tag is not this one's either."""
    assert (await client.get(ASSET, headers={b"If-None-Match": known})).status_code == 200
    other = await client.head(ASSET, headers={"Accept-Encoding": "br"})
    again = await client.get(
        ASSET, headers={"Accept-Encoding": "gzip", "If-None-Match": other.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (200, SCRIPT)


async def test_head_tells_what_get_would(client: httpx.AsyncClient) -> None:
    """All but the content."""
    get, head = await client.get(ASSET), await client.head(ASSET)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize("path", ["/", "/docs", ASSET])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_file_takes_nothing(client: httpx.AsyncClient, method: str, path: str) -> None:
    """Told as the API tells it."""
    response = await client.request(method, path, content=JPEG)
    problem = schemas.Problem.model_validate_json(response.content, strict=True)
    assert (response.status_code, problem.code) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/assets",
        "/assets/",
        "/assets/missing.js",
        "/index",
        "/docs/",
        "//",
        f"{ASSET}.br",
        f"{ASSET}.gz",
        "/assets/%2e%2e/index.html",
        "/assets/..%2findex.html",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/%00",
        "/index.html/",
        "/INDEX.HTML",
    ],
)
async def test_other_paths_are_the_apis(files: dict[str, PageFile], path: str) -> None:
    """They end at its 404, and nothing of the disk is behind them."""
    async with client_of(files) as client:
        response = await client.get(httpx.URL("http://mien", raw_path=path.encode()))
    problem = schemas.Problem.model_validate_json(response.content, strict=True)
    assert (response.status_code, problem.code) == (404, "not_found")


async def test_the_api_is_as_it_was(client: httpx.AsyncClient) -> None:
    """The page's headers are the page's."""
    response = await client.get("/healthz")
    assert response.json() == {"status": "alive"}
    assert "Content-Security-Policy" not in response.headers
    assert (await client.get("/v1/models")).status_code == 401


async def test_visits_are_no_analyses(client: httpx.AsyncClient) -> None:
    """No request of the figures that operators scale by."""
    await client.get("/")
    assert "mien_gateway_requests_total{" not in (await client.get("/metrics")).text


async def test_without_a_page_the_remedy_is_named() -> None:
    """At the root; everything else is as with one."""
    async with client_of({}) as client:
        response = await client.get("/")
        docs = await client.get("/docs")
        assert (await client.head("/")).status_code == 404
    problem = schemas.Problem.model_validate_json(response.content, strict=True)
    assert (response.status_code, problem.code) == (404, "page_not_built")
    assert "make page" in problem.detail
    assert "/docs" in problem.detail
    assert docs.status_code == 200


async def test_without_a_page_the_calls_are_listed() -> None:
    """In a document that needs no script and no other host."""
    async with client_of({}) as client:
        page = await client.get("/docs")
        described = (await client.get("/openapi.json")).json()["paths"]
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert all(path in page.text for path in described)
    assert "make page" in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
