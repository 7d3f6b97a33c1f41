"""Bad input gets its documented answer, from every hop, and harms nobody."""

import base64
import struct
import threading
import time
import zlib

import httpx
import pytest

from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG whose header claims this size, whatever it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")]
    )


def post(client: httpx.Client, content: bytes, **params: str) -> httpx.Response:
    return client.post("/v1/analyze", params=params, content=content)


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]


def test_an_empty_body(client: httpx.Client) -> None:
    """Nothing at all is said to be nothing."""
    assert_problem(post(client, b""), 400, "empty_image")


def test_text(client: httpx.Client) -> None:
    """Text is no picture."""
    assert_problem(post(client, b"hello, this is no picture"), 415, "unsupported_media_type")


def test_a_truncated_jpeg(client: httpx.Client, photo: bytes) -> None:
    """Half a picture is refused, not half analysed."""
    assert_problem(post(client, photo[: len(photo) // 2]), 422, "unreadable_image")


def test_a_picture_of_one_pixel(client: httpx.Client) -> None:
    """The smallest picture is a picture without a face."""
    answer = post(client, png(1, 1, b"\x00\x80"))
    assert answer.status_code == 200
    assert answer.json()["faces"] == []


def test_a_picture_without_a_face(client: httpx.Client) -> None:
    """No face is no error."""
    answer = post(client, png(320, 240, (b"\x00" + b"\x80" * 320) * 240))
    assert answer.status_code == 200
    assert answer.json()["faces"] == []


def test_a_claim_of_50000_by_50000_pixels(client: httpx.Client) -> None:
    """A bomb is refused by its header, at once."""
    begin = time.monotonic()
    assert_problem(post(client, png(50_000, 50_000)), 422, "too_many_pixels")
    assert time.monotonic() - begin < 1


def test_an_unknown_model_is_answered_with_the_known_ones(
    client: httpx.Client, photo: bytes
) -> None:
    """Who mistypes a name sees the right ones."""
    answer = post(client, photo, model="fer2013-squeezenet-caffe")
    assert_problem(answer, 404, "unknown_model")
    assert "fer2013-squeezenet-pytorch" in answer.json()["detail"]


def test_wrong_base64(client: httpx.Client) -> None:
    """JSON with something else than base64 is the caller's fault."""
    answer = client.post("/v1/analyze", json={"image": "not base64!"})
    assert_problem(answer, 400, "invalid_base64")


def test_an_upload_of_30_mb(client: httpx.Client) -> None:
    """Too much is refused, with the limit in the answer."""
    answer = post(client, b"\xff\xd8\xff" + bytes(30_000_000))
    assert_problem(answer, 413, "image_too_large")
    assert "10000000 bytes" in answer.json()["detail"]


def test_the_thesis_contract(client: httpx.Client, photo: bytes) -> None:
    """Clients of the published systems find their call, with their status codes."""
    body = {
        "image_data": base64.b64encode(photo).decode(),
        "model_name": "fer2013-squeezenet-pytorch",
    }
    answer = client.post("/predict_emotion", json=body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"emotion", "confidence"}
    assert 0 < answer.json()["confidence"] <= 1
    wrong = client.post("/predict_emotion", json=body | {"model_name": "none"})
    assert_problem(wrong, 400, "unknown_model")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/v1/analyze", 405), ("POST", "/predict_emotion", 400)],
)
def test_every_error_is_a_problem_document(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    """The framework's own errors have the same form as ours."""
    answer = client.request(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code == answer.json()["status"] == status


def test_bad_input_slows_nobody(system: System, photo: bytes) -> None:
    """While one caller sends nothing but bad pictures, another one's are answered."""
    bad = [b"", b"text", photo[:1000], png(50_000, 50_000), b"\xff\xd8\xff" + bytes(12_000_000)]
    stop = threading.Event()

    def annoy() -> None:
        with httpx.Client(base_url=system.settings.rest_url, timeout=30) as client:
            while not stop.is_set():
                for content in bad:
                    post(client, content)

    culprit = threading.Thread(target=annoy)
    culprit.start()
    try:
        with httpx.Client(base_url=system.settings.rest_url, timeout=30) as client:
            for number in range(20):
                begin = time.monotonic()
                assert post(client, photo + bytes([number])).status_code == 200
                assert time.monotonic() - begin < 2
    finally:
        stop.set()
        culprit.join()
