"""Asks the gateway, and reads what it says of its stages."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from mien_bench.errors import WrongAnswerError

_OK = 200
_PATIENCE_SECONDS = 30
_HEADERS = {"Content-Type": "image/jpeg"}
Stages = Mapping[str, float]
"""Milliseconds by the gateway's names: see its README on `Server-Timing`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; what a stage took in milliseconds, and how long the client waited."""

    waited: float
    stages: Stages


class Asker:
    """One client with a connection of its own.

    It blocks, so that next to nothing of what it waits for is its own doing: an asynchronous
    client takes as long to read an answer from the cache as the gateway to give it.
    """

    def __init__(self, url: str) -> None:
        """Connect with the first picture."""
        place = urlsplit(url)
        self._connection = HTTPConnection(place.netloc, timeout=_PATIENCE_SECONDS)

    def ask(self, model: str, picture: bytes, faces: int) -> Answered:
        """Return what one answer took.

        Raises:
            WrongAnswerError: it is not what the picture gives.
        """
        began = time.perf_counter()
        self._connection.request("POST", f"/v1/analyze?model={model}", picture, _HEADERS)
        response = self._connection.getresponse()
        body = response.read()
        waited = 1000 * (time.perf_counter() - began)
        if response.status != _OK or len(json.loads(body)["faces"]) != faces:
            message = f"{faces} faces were asked for, the gateway said: {body[:300]!r}"
            raise WrongAnswerError(message)
        return Answered(waited, stages_of(response.headers["Server-Timing"]))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def stages_of(header: str) -> Stages:
    """Read `receive;dur=0.16, hash;dur=0.05`, as browsers do."""
    parts = (entry.strip().partition(";dur=") for entry in header.split(","))
    return {name: float(milliseconds) for name, _, milliseconds in parts}
