"""Options are read from the line, and fit what the Job in k8s/jobs says."""

import argparse
from pathlib import Path
from typing import Any

import pytest
import yaml

from mien_loadtests.options import LIMITS, OWN, add_options
from mien_loadtests.plan import plan_of
from mien_loadtests.scenario_file import read_scenarios
from tests.running_system import ROOT

MASTER = ROOT / "k8s" / "jobs" / "loadtest" / "master.yaml"
LOCUSTS = {"--master", "--headless", "--expect-workers", "--expect-workers-max-wait"} | {
    "--users",
    "--spawn-rate",
    "--run-time",
}


class Parser(argparse.ArgumentParser):
    """Takes what Locust's parser takes besides, and makes nothing of it."""

    def add_argument(self, *names: Any, **more: Any) -> argparse.Action:
        """Add one without it."""
        for ours in ("env_var", "include_in_web_ui", "is_secret"):
            more.pop(ours, None)
        return super().add_argument(*names, **more)


@pytest.fixture
def parser() -> Parser:
    """A parser with our options alone."""
    made = Parser(allow_abbrev=False)
    add_options(made)
    return made


def test_nothing_must_be_given(parser: Parser) -> None:
    """And what is not given is left to the scenario."""
    options = vars(parser.parse_args([]))
    assert plan_of(options, None).scenario == read_scenarios()["standard"]
    assert set(OWN) <= options.keys()


def test_each_limit_can_be_set(parser: Parser) -> None:
    """By an option of its own."""
    line = [word for name in LIMITS for word in (name, "0.25")]
    limits = plan_of(vars(parser.parse_args(line)), None).scenario.limits
    assert {getattr(limits, field) for field, _ in LIMITS.values()} == {0.25}


def test_scenarios_are_listed(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    """With how long they take."""
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--list-scenarios"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(read_scenarios())
    assert "3600 s   12 users" in lines[-1]


def test_a_file_that_cannot_be_listed_is_told(
    parser: Parser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As any other wrong option."""
    file = tmp_path / "own.toml"
    file.write_text("[a]", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--scenario-file", str(file), "--list-scenarios"])
    assert ended.value.code == 2
    assert "a: stages must be pairs" in capsys.readouterr().err


def test_the_job_says_what_can_be(parser: Parser) -> None:
    """A scenario and limits that there are, and options that Locust has."""
    spec = yaml.safe_load(MASTER.read_text(encoding="utf-8"))["spec"]["template"]["spec"]
    ours, theirs = parser.parse_known_args(spec["containers"][0]["args"])
    assert {one.partition("=")[0] for one in theirs} <= LOCUSTS
    users = int(next(one for one in theirs if one.startswith("--users=")).partition("=")[2])
    scenario = plan_of(vars(ours), "http://mien-gateway:8000").scenario
    assert 0 < scenario.limits.rate <= users * scenario.rate
