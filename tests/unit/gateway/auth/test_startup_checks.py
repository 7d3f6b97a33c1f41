"""What the gateway refuses to be started as."""

import re

import pytest
from pydantic import ValidationError

from mien_gateway.auth.startup_checks import PreconditionError, check_preconditions
from mien_gateway.settings import Settings

PRODUCTION = {
    "profile": "production",
    "api_keys_file": "keys.txt",
    "intended_purpose": "accessibility",
}


def check(**values: object) -> None:
    check_preconditions(Settings.model_validate(values))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"rest_host": "::1", "grpc_host": "localhost"},
        {"rest_host": "0.0.0.0", "api_keys_file": "keys.txt"},
        {"grpc_host": "0.0.0.0", "allow_anonymous": True},
        {"intended_purpose": "other:art in a museum"},
        {"intended_purpose": "workplace", "medical_or_safety": True},
        PRODUCTION,
        {**PRODUCTION, "rest_host": "0.0.0.0", "grpc_host": "::"},
    ],
)
def test_what_may_start(values: dict[str, object]) -> None:
    """On this machine anything; elsewhere with keys, or with a word that none are needed."""
    check(**values)


@pytest.mark.parametrize("profile", ["local", "production"])
@pytest.mark.parametrize(
    "purpose", ["workplace", "education", "other:mood at the Workplace", "other: higher education"]
)
def test_what_the_law_prohibits(profile: str, purpose: str) -> None:
    """In every profile, under any name; the message cites the article."""
    words = re.escape("Regulation (EU) 2024/1689 (the AI Act), article 5(1)(f)")
    with pytest.raises(PreconditionError, match=words) as caught:
        check(**{**PRODUCTION, "profile": profile, "intended_purpose": purpose})
    assert "MIEN_MEDICAL_OR_SAFETY=true" in str(caught.value)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"api_keys_file": ""}, "MIEN_GATEWAY_API_KEYS_FILE"),
        ({"intended_purpose": ""}, "MIEN_INTENDED_PURPOSE"),
        ({"allow_anonymous": True}, "MIEN_GATEWAY_ALLOW_ANONYMOUS"),
    ],
)
def test_what_production_needs(missing: dict[str, object], words: str) -> None:
    """Keys, a purpose, and nobody without a key."""
    with pytest.raises(PreconditionError, match=words):
        check(**{**PRODUCTION, **missing})


@pytest.mark.parametrize("host", ["rest_host", "grpc_host"])
@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "", "example.org"])
def test_nobody_is_let_in_by_mistake(host: str, address: str) -> None:
    """Listening elsewhere without keys names the setting and the two ways out."""
    with pytest.raises(PreconditionError, match=f"MIEN_GATEWAY_{host.upper()}={address}") as caught:
        check(**{host: address})
    for remedy in ("MIEN_GATEWAY_API_KEYS_FILE", "make_key", "MIEN_GATEWAY_ALLOW_ANONYMOUS=true"):
        assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profile", "staging"),
        ("intended_purpose", "fun"),
        ("intended_purpose", "other:"),
        ("rate_limit", "often"),
        ("rate_limit", "0/minute"),
        ("cors_origins", "*"),
        ("cors_origins", "https://example.org/path"),
        ("cors_origins", "example.org"),
    ],
)
def test_what_makes_no_sense(name: str, value: str) -> None:
    """Is refused by the setting's name."""
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: value})


@pytest.mark.parametrize(
    "value", ["https://example.org", "https://a.org, http://localhost:5173", "https://a https://b"]
)
def test_origins_may_be_several(value: str) -> None:
    """Separated by commas or spaces."""
    assert Settings.model_validate({"cors_origins": value}).cors_origins == value
