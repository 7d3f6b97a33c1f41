"""Users of POST /v1/analyze, in each of the three forms that a picture may come in."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from geventhttpclient import HTTPClient

from mien_loadtests.answers import Answer, WrongAnswerError, answer_of_json
from mien_loadtests.users.base import MienUser, speaks

_OK = 200
_BOUNDARY = "mien-loadtests-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_PART_BEGIN = (
    f"--{_BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="image"; filename="picture.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
).encode()
_PART_END = f"\r\n--{_BOUNDARY}--\r\n".encode()


class RestUser(MienUser):
    """What users of the three forms have in common: a connection each, kept open."""

    abstract = True
    content_type: str

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        plan = self.plan
        seconds = plan.timeout_seconds
        self.client = HTTPClient.from_url(
            plan.host, connection_timeout=seconds, network_timeout=seconds
        )
        self.path = f"{urlsplit(plan.host).path}/v1/analyze"
        self.headers = {"Content-Type": self.content_type}
        if plan.api_key:
            self.headers["Authorization"] = f"Bearer {plan.api_key}"

    def on_stop(self) -> None:
        """Leave."""
        super().on_stop()
        self.client.close()

    def body(self, model: str, picture: bytes) -> bytes:
        """Return the request's body."""
        raise NotImplementedError

    def ask(self, model: str, picture: bytes, *, no_store: bool) -> tuple[int, bytes]:
        """Post the picture, and return status and body of the answer."""
        headers = self.headers | ({"Cache-Control": "no-store"} if no_store else {})
        target = f"{self.path}?model={model}"
        response = self.client.post(target, self.body(model, picture), headers)
        return response.status_code, bytes(response.read())

    def read(self, came: tuple[int, bytes]) -> tuple[Answer, int]:
        """Return the answer and its size in bytes; every other status is a wrong answer."""
        status, body = came
        if status != _OK:
            message = f"{status}: {body!r:.200}"
            raise WrongAnswerError(message)
        return answer_of_json(body), len(body)


@speaks("rest-raw", "rest")
class RestRawUser(RestUser):
    """Sends the bytes as they are."""

    content_type = "image/jpeg"

    def body(self, model: str, picture: bytes) -> bytes:  # noqa: ARG002 - it is in the address
        """Return the picture."""
        return picture


@speaks("rest-multipart", "rest")
class RestMultipartUser(RestUser):
    """Sends a form with a file, as browsers do."""

    content_type = f"multipart/form-data; boundary={_BOUNDARY}"

    def body(self, model: str, picture: bytes) -> bytes:  # noqa: ARG002 - it is in the address
        """Return the form."""
        return b"".join((_PART_BEGIN, picture, _PART_END))


@speaks("rest-base64", "rest")
class RestBase64User(RestUser):
    """Sends base64 in JSON."""

    content_type = "application/json"

    def body(self, model: str, picture: bytes) -> bytes:
        """Return the document."""
        return json.dumps({"image": b64encode(picture).decode(), "model": model}).encode()
