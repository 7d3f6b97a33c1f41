"""Whatever is sent, there is an answer, it is never our fault, and it has a documented form."""

import asyncio

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import JPEG, PYTORCH, FakeGateway

CONTENT_TYPES = st.sampled_from(
    [
        "image/jpeg",
        "application/json",
        "application/json; charset=utf-16",
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded",
        "text/plain",
        ";",
    ]
)
FRAGMENTS = st.sampled_from(
    [
        JPEG,
        b"--b\r\n",
        b"--b--\r\n",
        b"\r\n\r\n",
        b'Content-Disposition: form-data; name="image"; filename="a"\r\n',
        b'{"image": "',
        b'{"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["',
        b'"]}], "parameters": {"minimum_confidence": NaN',
        b"}}",
        b'"image_data": "data:image/png;base64,',
        b'", "model": "',
        b'"}',
        b"/9j/4A==",
        b"\\ud800",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=5)), max_size=12).map(b"".join),
)
INFER = f"/v2/models/{PYTORCH}/infer"
PATHS = st.sampled_from(["/v1/analyze", "/predict_emotion", INFER])
MODELS = st.one_of(st.sampled_from(["", PYTORCH]), st.text(max_size=20))
ANSWERS = {200, 400, 404, 413, 415, 422}


@given(path=PATHS, content_type=CONTENT_TYPES, body=BODIES, model=MODELS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_gets_a_documented_answer(
    path: str, content_type: str, body: bytes, model: str
) -> None:
    """Neither a crash nor a bare text."""
    response = asyncio.run(send(path, content_type, body, model))
    assert response.status_code in ANSWERS
    plain = response.status_code == 200 or path == INFER
    kind = "application/json" if plain else "application/problem+json"
    assert response.headers["Content-Type"] == kind
    assert response.json()


async def send(path: str, content_type: str, body: bytes, model: str) -> httpx.Response:
    """Send it to a gateway of its own."""
    transport = httpx.ASGITransport(create_http_app(FakeGateway().core))
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        return await client.post(
            path, params={"model": model}, content=body, headers={"Content-Type": content_type}
        )
