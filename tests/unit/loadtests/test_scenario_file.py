"""Scenarios are read as they are written, and what cannot be is told by name."""

from pathlib import Path

import pytest

from mien_loadtests.photos import FACES
from mien_loadtests.scenario import CACHES, FRAMEWORKS, PROTOCOLS, ScenarioError
from mien_loadtests.scenario_file import find_scenario, read_scenarios
from mien_loadtests.stages import Stage
from mien_loadtests.verdict import Limits
from tests.running_system import ROOT

WHOLE = """
[evening]
about = "as after work"
pictures = { one-face = 3, ten-faces = 1 }
caches = ["hit", "miss"]
protocols = { grpc = 2, websocket = 0.5 }
frameworks = ["tensorflow"]
rate = 0.5
stages = [[30, 4], [12.5, 40]]
limits = { failure_ratio = 0.02, pace = 0.9 }
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    """Names with their shares; a list is even shares."""
    found = find_scenario("evening", written(tmp_path, WHOLE))
    assert (found.name, found.about, found.rate) == ("evening", "as after work", 0.5)
    assert found.pictures == {"one-face": 3, "ten-faces": 1}
    assert found.caches == {"hit": 1, "miss": 1}
    assert found.protocols == {"grpc": 2, "websocket": 0.5}
    assert found.frameworks == {"tensorflow": 1}
    assert found.stages == (Stage(30, 4), Stage(12.5, 40))
    assert found.limits == Limits(failure_ratio=0.02, pace=0.9)
    assert (found.seconds, found.most_users) == (42.5, 40)


def test_stages_are_all_that_must_be_written(tmp_path: Path) -> None:
    """The rest is every protocol and both frameworks, one face, no cache, one request a second."""
    found = find_scenario("short", written(tmp_path, "[short]\nstages = [[5, 1]]"))
    assert set(found.protocols) == set(PROTOCOLS)
    assert set(found.frameworks) == set(FRAMEWORKS)
    assert (set(found.pictures), set(found.caches)) == ({"one-face"}, {"off"})
    assert (found.rate, found.limits) == (1.0, Limits())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = 1", "a: is no table"),
        ("[a]", "a: stages must be pairs"),
        ("[a]\nstages = []", "a: stages must be pairs"),
        ("[a]\nstages = [[5]]", "a: stages must be pairs"),
        ("[a]\nstages = [[0, 1]]", "a: stages must be pairs"),
        ("[a]\nstages = [[5, 0]]", "a: stages must be pairs"),
        ("[a]\nstages = [[5, 1.5]]", "a: stages must be pairs"),
        ("[a]\nstages = [[5, true]]", "a: stages must be pairs"),
        ("[a]\nstages = 5", "a: stages is 5"),
        ("[a]\nstages = [[5, 1]]\nrates = 1", "a: has no rates"),
        ("[a]\nstages = [[5, 1]]\nrate = -1", "a: rate is -1"),
        ("[a]\nstages = [[5, 1]]\nrate = nan", "a: rate is nan"),
        ("[a]\nstages = [[5, 1]]\nrate = true", "a: rate is True"),
        ("[a]\nstages = [[5, 1]]\nabout = 1", "a: about is 1"),
        ("[a]\nstages = [[5, 1]]\npictures = ['x']", "a: pictures has 'x'; there are one-face"),
        ("[a]\nstages = [[5, 1]]\nprotocols = ['REST']", "a: protocols has 'REST'"),
        ("[a]\nstages = [[5, 1]]\ncaches = []", "a: caches must have names"),
        ("[a]\nstages = [[5, 1]]\ncaches = {hit = 0}", "a: caches must have names"),
        ("[a]\nstages = [[5, 1]]\ncaches = [['hit']]", "a: caches has"),
        ("[a]\nstages = [[5, 1]]\nframeworks = 'pytorch'", "a: frameworks is 'pytorch'"),
        ("[a]\nstages = [[5, 1]]\nlimits = {p90 = 1}", "a.limits: has no p90"),
        ("[a]\nstages = [[5, 1]]\nlimits = {rate = 'x'}", "a.limits: rate is 'x'"),
        (
            "[a]\nstages = [[5, 1]]\ncaches = ['hit']\nprotocols = ['grpc', 'websocket']",
            "a: streams know no cache, so websocket cannot hit it",
        ),
        ("[a", "own.toml: "),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, text: str, why: str) -> None:
    """By the scenario's name, the entry's, and what it says."""
    with pytest.raises(ScenarioError) as caught:
        read_scenarios(written(tmp_path, text))
    assert why in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(ScenarioError, match=r"none\.toml"):
        read_scenarios(tmp_path / "none.toml")


def test_a_name_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With those that are."""
    with pytest.raises(ScenarioError, match="no scenario 'morning'; there are evening"):
        find_scenario("morning", written(tmp_path, WHOLE))


def test_ours_are_the_eight_kinds_and_the_standard() -> None:
    """Between them they use every picture, protocol and cache, and each has limits."""
    ours = read_scenarios()
    assert list(ours) == [
        "standard",
        *("single-face", "ten-faces", "cache-hot", "cache-off", "mixed"),
        *("ramp", "spike", "soak"),
    ]
    for known, shares in (
        (FACES, [one.pictures for one in ours.values()]),
        (PROTOCOLS, [one.protocols for one in ours.values()]),
        (CACHES, [one.caches for one in ours.values()]),
    ):
        assert set(known) == {name for one in shares for name in one}
    for one in ours.values():
        assert one.about
        assert one.limits.failure_ratio <= 0.01
        # Latency is asked for in an open loop alone, and there the pace must be kept.
        assert (one.rate > 0) == (one.limits.pace > 0)
        assert one.rate or not one.limits.p95_seconds
        # A rate that is asked for can be reached.
        least = min(stage.users for stage in one.stages)
        assert one.limits.rate <= one.rate * least


def test_the_readme_is_right(tmp_path: Path) -> None:
    """Its example can be read, and its table names every scenario that there is."""
    readme = (ROOT / "loadtests" / "README.md").read_text(encoding="utf-8")
    _, _, example = readme.partition("```toml\n")
    found = find_scenario("evening", written(tmp_path, example.partition("```")[0]))
    assert found.limits.pace == 0.95
    _, _, table = readme.partition("| name | users | for | asks |\n")
    named = [line.split("`")[1] for line in table.partition("\n\n")[0].splitlines()[1:]]
    assert named == list(read_scenarios())
