"""Settings come from the environment, are checked, and are all described."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from mien_gateway.__main__ import main
from mien_gateway.grpc.errors import STATUS_CODES
from mien_gateway.http.problems import PROBLEMS
from mien_gateway.settings import Settings, variable

README = Path(__file__).resolve().parents[3] / "services" / "gateway" / "README.md"
NAMES = sorted(Settings.model_fields)


def rows() -> list[list[str]]:
    """The cells of every row of every table in the README."""
    lines = README.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described(name: str) -> None:
    """In its docstring, and in the README with its default."""
    field = Settings.model_fields[name]
    assert field.description
    row = next((row for row in rows() if row[0] == f"`{variable(name)}`"), None)
    assert row, f"{variable(name)} is not in {README.name}"
    default = field.get_default()
    assert row[1] == ("" if default in ("", None) else f"`{default}`")


@pytest.mark.parametrize("name", NAMES)
def test_times_and_sizes_say_their_unit(name: str) -> None:
    """In the name, and in the description."""
    description = Settings.model_fields[name].description or ""
    for unit in ("seconds", "bytes"):
        if name.endswith(f"_{unit}"):
            assert unit in description


def test_every_error_is_described() -> None:
    """With its code, its REST status and its gRPC status."""
    described = {row[0]: row[1:3] for row in rows()}
    for kind, problem in PROBLEMS.items():
        expected = [str(problem.status.value), f"`{STATUS_CODES[kind].name}`"]
        assert described.get(f"`{kind.code}`") == expected


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With our prefix, but for the limit that all services share."""
    monkeypatch.setenv("MIEN_GATEWAY_REST_PORT", "1234")
    monkeypatch.setenv("MIEN_MAX_IMAGE_BYTES", "5000")
    settings = Settings()
    assert (settings.rest_port, settings.max_image_bytes) == (1234, 5000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rest_port", 70_000),
        ("grpc_port", -1),
        ("cache_ttl_seconds", 0),
        ("request_timeout_seconds", -1),
        ("max_in_flight", 0),
        ("max_image_bytes", 0),
        ("cache_key", "short"),
        ("log_level", "LOUD"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: object) -> None:
    """At the start, by the setting's name."""
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: value})


def test_the_secret_is_not_shown() -> None:
    """Not by printing the settings either."""
    settings = Settings.model_validate({"cache_key": "a secret of some length"})
    assert "a secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"MIEN_GATEWAY_REST_PORT": "many"}, ["MIEN_GATEWAY_REST_PORT", "integer"]),
        ({"MIEN_MAX_IMAGE_BYTES": "-5"}, ["MIEN_MAX_IMAGE_BYTES", "greater than 0"]),
        ({"MIEN_GATEWAY_CACHE_KEY": "short"}, ["MIEN_GATEWAY_CACHE_KEY", "16"]),
        ({"MIEN_GATEWAY_REDIS_URL": "localhost"}, ["MIEN_GATEWAY_REDIS_URL", "redis://"]),
        ({"MIEN_GATEWAY_REGISTRY": "nowhere.yaml"}, ["nowhere.yaml", "missing"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_setting_ends_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
    words: list[str],
) -> None:
    """Exit status 2, the variable, what is wrong with it and what it is for; no secret."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main() == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words)
    assert not re.search(r"\bshort\b", said)
