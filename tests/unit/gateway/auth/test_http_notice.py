"""GET /v1/notice, in its forms and languages."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.http.app import create_http_app
from mien_gateway.http.openapi import schemas
from mien_gateway.http.static import preferred
from mien_gateway.notice import LANGUAGES, Notice
from mien_gateway.settings import Settings
from tests.fakes.gateway import FakeGateway

NOTICE = Notice(
    purpose="other:art in a <museum>", operator="ACME, hello@acme.example", answers_kept_seconds=60
)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that says everything."""
    transport = httpx.ASGITransport(create_http_app(FakeGateway(notice=NOTICE).core))
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr, en;q=0.5, de;q=0.7", "de"),
        ("", "de;q=0, fr", "en"),
        ("?lang=de", "en", "de"),
        ("?lang=DE-ch", "", "de"),
        ("?lang=fr", "de", "en"),
    ],
)
async def test_the_language(
    client: httpx.AsyncClient, query: str, header: str, language: str
) -> None:
    """The query's, else the browser's, else English."""
    response = await client.get(f"/v1/notice{query}", headers={"Accept-Language": header})
    document = schemas.Notice.model_validate_json(response.content)
    assert (document.language, response.headers["Content-Language"]) == (language, language)
    assert document.title == LANGUAGES[language].title


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_it_says(client: httpx.AsyncClient, language: str) -> None:
    """Purpose, operator, what is kept, the law; the figures for programs."""
    response = await client.get(f"/v1/notice?lang={language}")
    document = schemas.Notice.model_validate_json(response.content)
    text = " ".join(section.text for section in document.sections)
    for words in ("art in a <museum>", "ACME, hello@acme.example", "60", "2024/1689", "2016/679"):
        assert words in text
    assert "{" not in text
    assert (document.pictures_kept_seconds, document.answers_kept_seconds) == (0, 60)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/html;q=0.5, text/plain", "text/plain; charset=utf-8"),
    ],
)
async def test_the_form(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    """What the caller likes best; the operator's words are no markup."""
    response = await client.get("/v1/notice?lang=de", headers={"Accept": accept})
    assert response.headers["Content-Type"] == media_type
    assert "Gesichtsausdrücke" in response.text
    assert ("art in a <museum>" in response.text) == ("html" not in media_type)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_claimed_that_was_not_said(language: str) -> None:
    """Without a purpose it says that there is none, and every purpose has its words."""
    wording = LANGUAGES[language]
    texts = [section.text for section in Notice().sections(language)]
    assert wording.no_purpose in texts
    assert any(wording.nothing_kept in text for text in texts)
    for purpose, words in wording.purposes.items():
        assert Settings.model_validate({"intended_purpose": purpose}).intended_purpose == purpose
        assert words in [section.text for section in Notice(purpose=purpose).sections(language)]
    assert wording.purposes.keys() == LANGUAGES["en"].purposes.keys()
    assert len(wording.template) == len(LANGUAGES["en"].template)


@given(st.text())
def test_any_header_gives_something_offered(header: str) -> None:
    """Or the default."""
    assert preferred(header, LANGUAGES, "en") in LANGUAGES
