"""A plan is the scenario with the options laid over it; what it draws is as the shares say."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mien_loadtests.answers import Expected
from mien_loadtests.photos import photo
from mien_loadtests.plan import plan_of
from mien_loadtests.scenario import ScenarioError, whole_numbers
from mien_loadtests.stages import Stage
from mien_loadtests.verdict import Limits

OPTIONS: dict[str, Any] = {
    "scenario": "standard",
    "scenario_file": "",
    "duration_scale": 1.0,
    "model": "fer2013-squeezenet",
    "grpc_target": "",
    "api_key": "",
    "picture": "",
    "faces": 1,
    "timeout_seconds": 10.0,
    "rate": None,
    "max_failure_ratio": None,
    "max_p95_seconds": None,
    "max_p99_seconds": None,
    "min_rate": None,
    "min_pace": None,
}
OWN = """
[own]
pictures = { one-face = 3, no-face = 1 }
caches = { hit = 1, miss = 2, off = 1 }
rate = 2
stages = [[40, 3], [8, 5]]
limits = { failure_ratio = 0.01, p95_seconds = 0.5 }
"""


@pytest.fixture
def own(tmp_path: Path) -> dict[str, Any]:
    """Options that name a scenario of a file of one's own."""
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    return OPTIONS | {"scenario": "own", "scenario_file": str(file)}


def test_a_plan_follows_its_scenario(own: dict[str, Any]) -> None:
    """Where no option says otherwise."""
    plan = plan_of(own, "http://mien.test:8000/")
    assert plan.scenario.stages == (Stage(40, 3), Stage(8, 5))
    assert plan.scenario.limits == Limits(failure_ratio=0.01, p95_seconds=0.5)
    assert set(plan.photos) == {"one-face", "no-face"}
    assert plan.grpc_target == "mien.test:9000"
    assert plan.stream_url == "ws://mien.test:8000/v1/stream"


def test_options_go_before_the_scenario(own: dict[str, Any]) -> None:
    """A limit of 0 is no limit, not one that was not given."""
    plan = plan_of(
        own
        | {"rate": 0.0, "duration_scale": 0.1, "max_p95_seconds": 0.0, "min_rate": 7.0}
        | {"grpc_target": "other:1"},
        "https://mien.test",
    )
    assert plan.scenario.rate == 0
    assert plan.scenario.stages == (Stage(4, 3), Stage(2, 5))
    assert plan.scenario.limits == Limits(failure_ratio=0.01, rate=7.0)
    assert (plan.grpc_target, plan.stream_url) == ("other:1", "wss://mien.test/v1/stream")


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, 8.0),
        ({"num_users": 6}, 4.0),
        ({"num_users": 24, "rate": 0.4}, 8.0),
        ({"rate": 0.0}, 8.0),
    ],
)
def test_the_rate_to_reach_is_that_of_the_users_that_there_are(
    changes: dict[str, Any], limit: float
) -> None:
    """Twelve of 0.8 requests a second have to make eight; a limit that is given holds as it is."""
    options = OPTIONS | {"scenario": "mixed"} | changes
    assert plan_of(options, None).scenario.limits.rate == pytest.approx(limit)
    assert plan_of(options | {"min_rate": 7.0}, None).scenario.limits.rate == 7


def test_without_a_host_it_is_this_machine() -> None:
    """As `make up` starts it."""
    plan = plan_of(OPTIONS, None)
    assert (plan.host, plan.grpc_target) == ("http://127.0.0.1:8000", "127.0.0.1:9000")


def test_requests_are_drawn_by_their_shares(own: dict[str, Any]) -> None:
    """Each says what its answer must be, and is reported under its model and cache."""
    plan = plan_of(own, None)
    drawn = [plan.draw("grpc", "pytorch") for _ in range(4000)]
    pictures = Counter(one.photo.name for one in drawn)
    caches = Counter(one.cache for one in drawn)
    assert pictures["one-face"] / 4000 == pytest.approx(0.75, abs=0.05)
    assert caches["miss"] / 4000 == pytest.approx(0.5, abs=0.05)
    model = "fer2013-squeezenet-pytorch"
    for one in drawn:
        status = {"hit": "hit", "miss": "miss", "off": "bypass"}[one.cache]
        assert one.expected == Expected(model, one.photo.faces, status)
        assert one.name == f"{model} {one.cache}"


@pytest.mark.parametrize(
    ("shares", "numbers"), [((2, 3), [2, 3]), ((1, 1), [1, 1]), ((0.1, 0.25), [2, 5]), ((4,), [1])]
)
def test_shares_are_kept_in_whole_numbers(shares: tuple[float, ...], numbers: list[int]) -> None:
    """Locust draws a user's tasks evenly, so that each stands there as often as it is due."""
    named = dict(zip("ab", shares, strict=False))
    assert list(whole_numbers(named).values()) == numbers


@pytest.mark.parametrize("protocol", ["grpc-stream", "websocket"])
def test_streams_pass_the_cache_by(own: dict[str, Any], protocol: str) -> None:
    """Whatever the scenario mixes for the others."""
    plan = plan_of(own, None)
    assert {plan.draw(protocol, "tensorflow").expected.cache for _ in range(50)} == {"bypass"}


def test_what_is_to_be_hit_is_known_beforehand(own: dict[str, Any]) -> None:
    """Each picture once for a framework; nothing where nothing is to be hit."""
    hot = plan_of(own, None).hot("tensorflow")
    assert [one.photo.name for one in hot] == ["one-face", "no-face"]
    assert {one.expected.cache for one in hot} == {"hit"}
    plain = plan_of(OPTIONS, None)
    assert plain.hot("tensorflow") == []
    assert plain.draw("grpc", "tensorflow").name == "fer2013-squeezenet-tensorflow"


def test_a_picture_of_ones_own_takes_the_place_of_the_scenarios(
    own: dict[str, Any], tmp_path: Path
) -> None:
    """With as many faces as one says."""
    (tmp_path / "crowd.jpg").write_bytes(photo("ten-faces").data)
    plan = plan_of(own | {"picture": str(tmp_path / "crowd.jpg"), "faces": 10}, None)
    assert plan.draw("grpc", "pytorch").photo == plan.photos["crowd.jpg"]
    assert plan.draw("grpc", "pytorch").expected.faces == 10


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"scenario": "rush"}, "no scenario 'rush'; there are standard"),
        ({"scenario_file": "/nowhere.toml"}, "nowhere"),
        ({"picture": "/nowhere.jpg"}, "nowhere.jpg cannot be used"),
        ({"picture": __file__}, "no JPEG"),
        ({"rate": -1.0}, "--rate must be"),
        ({"duration_scale": 0.0}, "--duration-scale"),
    ],
)
def test_options_that_make_no_sense_are_told(changes: dict[str, Any], why: str) -> None:
    """In one sentence."""
    with pytest.raises(ScenarioError, match=why):
        plan_of(OPTIONS | changes, None)
