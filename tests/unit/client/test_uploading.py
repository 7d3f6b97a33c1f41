"""Videos are sent once, unless it is certain that they were not taken; and deleted once."""

import json
import time
from typing import Any

import pytest

from mien_client import (
    AnswerTimeoutError,
    BusyError,
    UnavailableError,
    UnknownNameError,
    UnreachableError,
)
from tests.fakes.clients import opened
from tests.unit.client.test_following import JOB, in_turn
from tests.unit.client.test_strangers import KINDS, answering, listening

VIDEO = b"a video" * 100
TAKEN = answering(json.dumps(JOB | {"state": "QUEUED"}), "202 Accepted")


def refusing(code: str, status: str, retry_after: str) -> Any:
    problem = json.dumps({"code": code, "detail": "not now"})
    return answering(problem, status, f"Retry-After: {retry_after}\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_busy_gateway_is_asked_again(kind: str) -> None:
    """The video is sent from its beginning, and the progress begins anew."""
    busy = refusing("rate_limited", "429 Too Many Requests", "0")
    told: list[tuple[int, int]] = []
    with listening(in_turn(busy, TAKEN)) as (url, connections), opened(kind, url, "") as client:
        job = client.upload_video(VIDEO, on_progress=lambda *progress: told.append(progress))
    assert job.state == "QUEUED"
    assert len(connections) == 2
    assert told == [(700, 700), (700, 700)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (lambda _: None, UnreachableError),
        (refusing("job_store_unavailable", "503 Service Unavailable", "0"), UnavailableError),
        (refusing("overloaded", "503 Service Unavailable", "3600"), BusyError),
        (answering("<html>Oh</html>", "502 Bad Gateway"), UnavailableError),
    ],
)
def test_nothing_is_sent_twice_blindly(kind: str, talk: Any, error: type[Exception]) -> None:
    """Nor where the wait would be longer than the timeout."""
    with listening(talk) as (url, connections), opened(kind, url, "") as client:
        with pytest.raises(error):
            client.upload_video(VIDEO)
        assert len(connections) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_has_its_own_timeout(kind: str) -> None:
    """However long the client waits for other answers."""
    with (
        listening(lambda _: time.sleep(1)) as (url, _),
        opened(kind, url, "", timeout=60.0) as client,
        pytest.raises(AnswerTimeoutError, match=r"0\.3 s"),
    ):
        client.upload_video(VIDEO, timeout=0.3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["delete_video", "forget"])
@pytest.mark.parametrize(
    ("first", "has_worked"),
    [
        (lambda _: None, True),
        (answering("<html>Oh</html>", "502 Bad Gateway"), True),
        (refusing("rate_limited", "429 Too Many Requests", "0"), False),
    ],
)
def test_a_deletion_whose_answer_is_lost(
    kind: str, call: str, first: Any, has_worked: bool
) -> None:
    """Has worked, where the next attempt finds nothing; one that was refused has not."""
    nothing = refusing("unknown_video", "404 Not Found", "0")
    with listening(in_turn(first, nothing)) as (url, connections), opened(kind, url, "") as client:
        if has_worked:
            getattr(client, call)("a")
        else:
            with pytest.raises(UnknownNameError):
                getattr(client, call)("a")
        assert len(connections) == 2
