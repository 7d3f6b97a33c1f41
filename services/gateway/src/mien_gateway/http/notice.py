"""GET /v1/notice: what people whose faces are looked at must be told."""

from html import escape

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.http import documents
from mien_gateway.http.paths import NOTICE
from mien_gateway.http.preferences import preferred
from mien_gateway.notice.notice import DEFAULT_LANGUAGE, LANGUAGES, Notice
from mien_gateway.notice.wording import Section

_JSON, _TEXT, _HTML = "application/json", "text/plain", "text/html"
_HEADERS = {
    "Vary": "Accept, Accept-Language",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


def notice_router(core: Core) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["operations"])

    @router.get(NOTICE, **documents.NOTICE)
    async def get_notice(request: Request) -> Response:
        """Tell in plain words that expressions are recognised here, and what that means."""
        language = _language(request)
        media_type = preferred(request.headers.get("accept", ""), (_JSON, _TEXT, _HTML), _JSON)
        return Response(
            _RENDERERS[media_type](core.notice, language),
            headers={**_HEADERS, "Content-Language": language},
            media_type=media_type,
        )

    return router


def _language(request: Request) -> str:
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return preferred(asked, LANGUAGES, DEFAULT_LANGUAGE)


def _json(notice: Notice, language: str) -> bytes:
    document = {
        "language": language,
        "languages": list(LANGUAGES),
        "title": LANGUAGES[language].title,
        "intended_purpose": notice.purpose,
        "operator": notice.operator,
        "pictures_kept_seconds": 0,
        "answers_kept_seconds": notice.answers_kept_seconds,
        "sections": [section._asdict() for section in notice.sections(language)],
    }
    return orjson.dumps(document)


def _text(notice: Notice, language: str) -> str:
    parts = [LANGUAGES[language].title]
    parts += [f"{section.heading}\n{section.text}" for section in notice.sections(language)]
    return "\n\n".join(parts) + "\n"


def _html(notice: Notice, language: str) -> str:
    title = escape(LANGUAGES[language].title)
    sections = "".join(map(_html_section, notice.sections(language)))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>body{{font:1.1rem/1.5 sans-serif;max-width:40rem;"
        f"margin:2rem auto;padding:0 1rem}}</style></head><body><h1>{title}</h1>{sections}"
        "</body></html>\n"
    )


def _html_section(section: Section) -> str:
    return f"<h2>{escape(section.heading)}</h2><p>{escape(section.text)}</p>"


_RENDERERS = {_JSON: _json, _TEXT: _text, _HTML: _html}
