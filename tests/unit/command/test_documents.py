"""Results as JSON."""

import json
from datetime import UTC, datetime
from types import MappingProxyType

from mien_client.command.documents import line, plain
from mien_client.command.statuses import ExitStatus
from mien_client.types import Expression, Status
from tests.fakes.analyses import analysis, face


def test_an_analysis_is_an_object_like_the_servers() -> None:
    """Whoever knows the one can read the other."""
    document = json.loads(line({"file": "ä.jpg"} | plain(analysis(face()))))
    assert document["file"] == "ä.jpg"
    assert document["faces"][0]["top"] == {"label": "happy", "probability": 0.8}
    assert document["faces"][0]["quality"]["issues"] == []
    assert document["model"]["name"] == "fer2013-squeezenet-pytorch"


def test_a_document_is_one_line() -> None:
    """Whatever stands in it."""
    assert line({"file": "a\nb"}).count("\n") == 1


def test_unusual_values_have_a_plain_form() -> None:
    """Enumerations, times, mappings that cannot be changed, sequences of results."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    values = {
        "enum": ExitStatus.AWAY,
        "time": moment,
        "many": (Expression("sad", 0.5),),
        "status": Status("ready", MappingProxyType({"redis": "up"}), {"m": True}, "yunet"),
    }
    assert plain(values) == {
        "enum": 3,
        "time": "2026-01-02T00:00:00+00:00",
        "many": [{"label": "sad", "probability": 0.5}],
        "status": {
            "status": "ready",
            "parts": {"redis": "up"},
            "models": {"m": True},
            "detector": "yunet",
        },
    }
