"""/healthz, /readyz, /metrics, /v1/notice and the API's description."""

import math
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from time import monotonic
from typing import Any

import orjson
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse, Response

from mien_gateway.core import Core
from mien_gateway.errors import JobStoreUnavailableError
from mien_gateway.http.openapi import operations
from mien_gateway.http.paths import NOTICE
from mien_gateway.http.static import DESCRIPTION, preferred
from mien_gateway.notice import DEFAULT_LANGUAGE, LANGUAGES, Notice, Section
from mien_gateway.readiness import Report

# Redis is asked no more often, however many ask for metrics: they need no key.
_VIDEOS_SECONDS = 2.0
_STATES = {True: "up", False: "down", None: "off"}


def operations_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operations"])
    videos_asked_at = -math.inf

    @router.get("/healthz", **operations.HEALTHZ)
    async def get_liveness() -> Response:
        """Say that this process answers; nothing else is asked."""
        return Response(b'{"status":"alive"}', media_type="application/json")

    @router.get("/readyz", **operations.READYZ)
    async def get_readiness() -> Response:
        """Say whether pictures can be analysed, and how each part is."""
        report = await core.monitor.report()
        return Response(
            orjson.dumps(_present(report, draining=core.monitor.draining)),
            status_code=200 if report.ready else 503,
            media_type="application/json",
        )

    @router.get("/metrics", **operations.METRICS)
    async def get_metrics() -> Response:
        """Give Prometheus its figures."""
        nonlocal videos_asked_at
        if core.videos and monotonic() - videos_asked_at > _VIDEOS_SECONDS:
            videos_asked_at = monotonic()
            with suppress(JobStoreUnavailableError):  # then they are as they were
                await core.videos.refresh_figures()
        return Response(
            generate_latest(core.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    return router


def _present(report: Report, *, draining: bool) -> dict[str, object]:
    return {
        "status": _status(report, draining=draining),
        "parts": {part: _STATES[up] for part, up in report.parts.items()},
        "models": report.models,
        "detector": report.detector,
    }


def _status(report: Report, *, draining: bool) -> str:
    if draining:
        return "draining"
    if not report.ready:
        return "not ready"
    return "degraded" if report.degraded else "ready"


_JSON, _TEXT, _HTML = "application/json", "text/plain", "text/html"
_NOTICE_HEADERS = {
    "Vary": "Accept, Accept-Language",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


def notice_router(core: Core) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["operations"])

    @router.get(NOTICE, **operations.NOTICE)
    async def get_notice(request: Request) -> Response:
        """Tell in plain words that expressions are recognised here, and what that means."""
        language = _language(request)
        media_type = preferred(request.headers.get("accept", ""), (_JSON, _TEXT, _HTML), _JSON)
        return Response(
            _RENDERERS[media_type](core.notice, language),
            headers={**_NOTICE_HEADERS, "Content-Language": language},
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


_DOCS_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    )
}
_HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>Mien: the calls</title>'
    "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "td{vertical-align:top;padding:.2rem 1rem .2rem 0}</style></head><body>"
    "<h1>The calls of the API</h1>"
    '<p>The whole description, for programs, is <a href="openapi.json">openapi.json</a>. Forms to '
    "try the calls with are a part of the web page, which was not built here: "
    "<code>make page</code> builds it.</p><table>"
)


def description_router() -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)

    @router.get(DESCRIPTION)
    async def describe(request: Request) -> HTMLResponse:
        """List the calls, each with its first sentence."""
        rows = "".join(_row(*call) for call in _calls(request.app.openapi()))
        return HTMLResponse(f"{_HEAD}{rows}</table></body></html>\n", headers=_DOCS_HEADERS)

    return router


def _calls(description: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            yield method.upper(), path, call.get("description", "").partition("\n")[0]


def _row(method: str, path: str, what: str) -> str:
    return f"<tr><td><code>{method} {escape(path)}</code></td><td>{escape(what)}</td></tr>"
