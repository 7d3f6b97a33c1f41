"""Bad input over REST, each way of sending it: a clear answer, of one form, at once."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from mien_gateway import errors
from mien_gateway.http import unread_bodies
from tests.fakes.gateway import JPEG, TENSORFLOW, FakeGateway

LIMIT = FakeGateway().max_image_bytes

Sender = Callable[[bytes], dict[str, object]]
WAYS: dict[str, Sender] = {
    "raw": lambda image: {"content": image},
    "multipart": lambda image: {"files": {"image": ("photo", image)}},
    "json": lambda image: {"json": {"image": base64.b64encode(image).decode()}},
}

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


async def post(client: httpx.AsyncClient, **request: object) -> httpx.Response:
    return await client.request("POST", "/v1/analyze", **request)  # type: ignore[arg-type] # put together by the tables here


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    """Check every field of the problem document."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
    }
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:mien:problem:{code}"
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert problem["title"]
    assert problem["detail"]


@ways
@pytest.mark.parametrize(
    ("image", "status", "code"),
    [
        (b"", 400, "empty_image"),
        (b"hello, I am text", 415, "unsupported_media_type"),
        (b"GIF89a", 415, "unsupported_media_type"),
        (JPEG + bytes(LIMIT), 413, "image_too_large"),
        (JPEG + bytes(3 * LIMIT), 413, "image_too_large"),
    ],
    ids=["empty", "text", "GIF", "too large", "three times too large"],
)
async def test_what_is_no_picture(
    client: httpx.AsyncClient, way: Sender, image: bytes, status: int, code: str
) -> None:
    """It is refused before anybody else is asked."""
    assert_problem(await post(client, **way(image)), status, code)


@ways
async def test_a_picture_of_exactly_the_limit_passes(
    client: httpx.AsyncClient, way: Sender
) -> None:
    """One byte more would not."""
    image = JPEG + bytes(LIMIT - len(JPEG))
    assert (await post(client, **way(image))).status_code == 200
    assert_problem(await post(client, **way(image + b".")), 413, "image_too_large")


@ways
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.UnreadableImageError(), 422, "unreadable_image"),
        (errors.TooManyPixelsError(), 422, "too_many_pixels"),
        (errors.UnsupportedMediaTypeError(), 415, "unsupported_media_type"),
    ],
    ids=["truncated", "50,000 x 50,000", "not what it seemed"],
)
async def test_what_the_detector_refuses(
    client: httpx.AsyncClient,
    gateway: FakeGateway,
    way: Sender,
    error: errors.GatewayError,
    status: int,
    code: str,
) -> None:
    """The caller is told what is wrong with his picture."""
    gateway.detector.outcomes[JPEG] = error
    assert_problem(await post(client, **way(JPEG)), status, code)


@ways
async def test_an_unknown_model(client: httpx.AsyncClient, way: Sender) -> None:
    """The answer lists the names there are."""
    response = await post(client, params={"model": "none"}, **way(JPEG))
    assert_problem(response, 404, "unknown_model")
    assert TENSORFLOW in response.json()["detail"]


@pytest.mark.parametrize(
    "text",
    ["not base64!", "YW=Jj", "YWJ", "é", "data:image/jpeg,abc", "data:image/jpeg;base64,%%"],
)
async def test_wrong_base64(client: httpx.AsyncClient, text: str) -> None:
    """Wrong letters, wrong padding, a data URL of another kind."""
    assert_problem(await post(client, json={"image": text}), 400, "invalid_base64")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"image": 1}',
        b'{"image": null}',
        b'{"image": "", "model": 7}',
        b"[" * 100_000,
    ],
)
async def test_wrong_json(client: httpx.AsyncClient, body: bytes) -> None:
    """Malformed, of another type, a field missing."""
    response = await post(client, content=body, headers={"Content-Type": "application/json"})
    assert_problem(response, 422, "invalid_request")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"something else"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Dis"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + JPEG,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n' * 1000 + b"--x--\r\n",
        ),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x--\r\n"),
    ],
    ids=["no boundary", "no form", "cut", "cut file", "no file", "1000 fields", "long boundary"],
)
async def test_wrong_forms(client: httpx.AsyncClient, content_type: str, body: bytes) -> None:
    """What is no complete form with a file in it is refused."""
    response = await post(client, content=body, headers={"Content-Type": content_type})
    assert_problem(response, 422, "invalid_request")


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/html"}, {"Content-Type": "video/mp4"}, {"Content-Encoding": "gzip"}],
    ids=["HTML", "video", "gzip"],
)
async def test_types_that_are_not_taken(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Even around the bytes of a picture."""
    assert_problem(await post(client, content=JPEG, headers=headers), 415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["/v1/analyze", "/v1/analyze/batch"])
async def test_a_form_names_one_model(client: httpx.AsyncClient, path: str) -> None:
    """The first of two would win silently."""
    files = [
        ("image", ("a.jpg", JPEG)),
        *(("model", (None, name.encode())) for name in (TENSORFLOW, "nobody")),
    ]
    response = await client.post(path, files=files)
    assert_problem(response, 422, "invalid_request")
    assert "`model`" in response.json()["detail"]


async def test_json_without_its_type_is_told_what_to_do(client: httpx.AsyncClient) -> None:
    """Curl's `-d` calls JSON a form; the answer says what would help."""
    response = await post(
        client,
        content=json.dumps({"image": "abc"}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert_problem(response, 415, "unsupported_media_type")
    assert "application/json" in response.json()["detail"]


@pytest.fixture
def nothing_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is read is what the application reads."""
    monkeypatch.setattr(unread_bodies, "_MOST_BYTES", 0)


@pytest.mark.usefixtures("nothing_discarded")
@pytest.mark.parametrize("media_type", ["image/jpeg", "application/json", "multipart/form-data"])
async def test_too_much_is_refused_before_it_is_read(
    client: httpx.AsyncClient, media_type: str
) -> None:
    """Where the length is announced, not a byte of it is taken."""
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield JPEG

    headers = {"Content-Type": media_type, "Content-Length": "30000000"}
    assert_problem(await post(client, content=body(), headers=headers), 413, "image_too_large")
    assert read == 0


@pytest.mark.usefixtures("nothing_discarded")
@pytest.mark.parametrize("media_type", ["image/jpeg", "application/json", "multipart/form-data"])
async def test_too_much_is_refused_as_soon_as_it_is_too_much(
    client: httpx.AsyncClient, media_type: str
) -> None:
    """Where no length is announced, reading stops at the limit."""
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(3000):
            read += 10_000
            yield bytes(10_000)

    response = await post(client, content=body(), headers={"Content-Type": media_type})
    assert_problem(response, 413, "image_too_large")
    assert read <= 2.2 * LIMIT


async def test_a_body_that_does_not_come_is_given_up(client: httpx.AsyncClient) -> None:
    """A slow sender holds nothing for longer than a request may take."""

    async def body() -> AsyncIterator[bytes]:
        yield JPEG
        await asyncio.sleep(5)

    headers = {"Content-Type": "image/jpeg", "X-Request-Timeout": "0.05"}
    assert_problem(await post(client, content=body(), headers=headers), 408, "upload_too_slow")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/v1/analyze/", 404, "not_found"),
        ("GET", "/v1/analyze", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
        ("GET", "/v1/models/none", 404, "unknown_model"),
    ],
)
async def test_wrong_calls(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """The framework's own errors have the same form as ours."""
    response = await client.request(method, path)
    assert_problem(response, status, code)
    if status == 405:
        assert response.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.DetectorUnavailableError(), 503),
        (errors.ModelServerUnavailableError("torchserve", "a-model"), 503),
        (errors.OverloadedError(), 503),
        (errors.DeadlineExceededError("the face detector"), 504),
        (errors.BadDetectorAnswerError("secret internals"), 502),
        (errors.BadModelAnswerError("torchserve", "secret internals"), 502),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
async def test_what_goes_wrong_here(
    client: httpx.AsyncClient, gateway: FakeGateway, error: errors.GatewayError, status: int
) -> None:
    """The answer names the part, shows no internals, and says when to come again."""
    gateway.detector.away = error
    response = await post(client, content=JPEG)
    assert_problem(response, status, error.code)
    assert "secret" not in response.text
    assert ("Retry-After" in response.headers) == (status == 503)


async def test_what_nobody_foresaw(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    """A fault of ours is a problem document too, and says nothing of its cause."""
    gateway.detector.away = RuntimeError("secret internals")  # type: ignore[assignment] # on purpose
    response = await post(client, content=JPEG, headers={"X-Request-Id": "mine-2"})
    assert_problem(response, 500, "internal_error")
    assert "secret" not in response.text
    assert response.json()["request_id"] == "mine-2"
