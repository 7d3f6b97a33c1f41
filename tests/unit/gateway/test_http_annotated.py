"""POST /v1/analyze/annotated."""

import io
from base64 import b64encode

import httpx
import pytest
from PIL import Image

from tests.fakes.gateway import PYTORCH, FakeGateway


@pytest.fixture
def picture() -> bytes:
    """A small picture; the fake detector finds a face in it."""
    written = io.BytesIO()
    Image.new("RGB", (640, 360), "grey").save(written, "PNG")
    return written.getvalue()


def opened(response: httpx.Response) -> Image.Image:
    return Image.open(io.BytesIO(response.content))


async def test_a_jpeg_comes_back(client: httpx.AsyncClient, picture: bytes) -> None:
    """With the number of faces, the times and the id in the headers."""
    response = await client.post(
        "/v1/analyze/annotated", content=picture, headers={"X-Request-Id": "from-a-test"}
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["X-Mien-Faces"] == "1"
    assert response.headers["X-Request-Id"] == "from-a-test"
    assert "draw;dur=" in response.headers["Server-Timing"]
    assert (opened(response).format, opened(response).size) == ("JPEG", (640, 360))


@pytest.mark.parametrize("form", ["raw", "multipart", "json"])
async def test_every_form_of_the_body(client: httpx.AsyncClient, picture: bytes, form: str) -> None:
    """The same three as of /v1/analyze; the model's name too."""
    url = f"/v1/analyze/annotated?format=png&model={PYTORCH}"
    if form == "raw":
        response = await client.post(url, content=picture)
    elif form == "multipart":
        response = await client.post(url, files={"image": picture})
    else:
        response = await client.post(url, json={"image": b64encode(picture).decode()})
    assert response.headers["content-type"] == "image/png"
    assert opened(response).format == "PNG"


async def test_no_face_is_an_answer(
    client: httpx.AsyncClient, gateway: FakeGateway, picture: bytes
) -> None:
    """The picture as it was."""
    gateway.detector.outcomes[picture] = ()
    response = await client.post("/v1/analyze/annotated?format=png", content=picture)
    assert response.headers["X-Mien-Faces"] == "0"
    assert opened(response).getcolors() == [(640 * 360, (128, 128, 128))]


@pytest.mark.parametrize(
    ("query", "content", "code"),
    [
        ("format=gif", None, "invalid_request"),
        ("model=nobody", None, "unknown_model"),
        ("", b"text", "unsupported_media_type"),
        ("", b"\xff\xd8\xff but no picture", "unreadable_image"),
    ],
)
async def test_errors_are_problems(
    client: httpx.AsyncClient, picture: bytes, query: str, content: bytes | None, code: str
) -> None:
    """As everywhere."""
    response = await client.post(f"/v1/analyze/annotated?{query}", content=content or picture)
    assert response.json()["code"] == code
    assert response.headers["content-type"] == "application/problem+json"


async def test_requests_are_counted(
    client: httpx.AsyncClient, gateway: FakeGateway, picture: bytes
) -> None:
    """With those of the other routes."""
    await client.post("/v1/analyze/annotated", content=picture)
    requests = gateway.metrics.registry.get_sample_value(
        "mien_gateway_requests_total", {"transport": "rest", "model": PYTORCH, "outcome": "ok"}
    )
    assert requests == 1
