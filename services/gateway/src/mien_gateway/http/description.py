"""GET /docs where no page was built: what can be called, in plain HTML without a script.

With a page, its own interactive description stands in place of this one.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from mien_gateway.page.files import DESCRIPTION

_HEADERS = {
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
        return HTMLResponse(f"{_HEAD}{rows}</table></body></html>\n", headers=_HEADERS)

    return router


def _calls(description: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            yield method.upper(), path, call.get("description", "").partition("\n")[0]


def _row(method: str, path: str, what: str) -> str:
    return f"<tr><td><code>{method} {escape(path)}</code></td><td>{escape(what)}</td></tr>"
