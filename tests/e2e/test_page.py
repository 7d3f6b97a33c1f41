"""The web page as `make up` leaves it, asked for without a browser."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.running_system import System, run_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
BUDGET_BYTES = 250_000


class Links(HTMLParser):
    """Everything that a document loads or leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what names another file; `tag` does not matter."""
        del tag
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]


def links(client: httpx.Client, path: str) -> list[str]:
    parser = Links()
    parser.feed(client.get(path).raise_for_status().text)
    assert parser.found
    return parser.found


def test_up_builds_the_page_and_names_its_address(system: System, client: httpx.Client) -> None:
    """Before anything else that can be opened."""
    words = system.first_output
    assert f"Open {system.settings.rest_url}" in words
    assert words.index("Open http") < words.index("gRPC")
    assert "<title>Mien</title>" in client.get("/").raise_for_status().text


def test_the_whole_page_is_small(client: httpx.Client) -> None:
    """All that a first visit fetches, and what the service worker keeps for the next one.

    With gzip: browsers take Brotli from this machine and over TLS alone.
    """
    worker = client.get("/sw.js").raise_for_status().text
    kept = re.findall(r"url:\s*[\"']([^\"']+)[\"']", worker)
    assert "index.html" in kept
    paths = {urljoin("/", path) for path in [*kept, *links(client, "/"), "/sw.js"]}
    total = 0
    for path in paths:
        with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
            total += sum(map(len, response.raise_for_status().iter_raw()))
    assert 10_000 < total < BUDGET_BYTES


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_document_asks_no_other_host(client: httpx.Client, path: str) -> None:
    """Nor do the styles that it loads; every file that it names is there."""
    for link in links(client, path):
        assert "//" not in link
        file = client.get(urljoin(path, link)).raise_for_status()
        assert link == "openapi.json" or "Content-Security-Policy" in file.headers
        if "text/css" in file.headers["Content-Type"]:
            assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", file.text)


def test_what_was_fetched_is_not_fetched_again(client: httpx.Client) -> None:
    """A second visit asks only whether the start has changed."""
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    (script,) = [link for link in links(client, "/") if link.endswith(".js")]
    assert "immutable" in client.get(script).headers["Cache-Control"]


def test_another_page_restarts_the_gateway_alone(
    system: System, client: httpx.Client, tmp_path: Path
) -> None:
    """And the next `make up` goes back to the built one."""
    other = tmp_path / "page"
    shutil.copytree(system.settings.page_dir, other, ignore=shutil.ignore_patterns("index.html.*"))
    (other / "index.html").write_text("<title>another page</title>", encoding="utf-8")
    before = {state.name: state.pid for state in system.supervisor.states()}
    done = run_stack(system.environment | {"MIEN_STACK_PAGE_DIR": str(other)}, "up")
    try:
        assert done.returncode == 0, done.stderr
        assert "restarting the gateway" in done.stdout
        assert "another page" in client.get("/").text
        after = {state.name: state.pid for state in system.supervisor.states()}
        assert {name for name in before if before[name] != after[name]} == {"gateway"}
    finally:
        assert system.command("up").returncode == 0
    assert "another page" not in client.get("/").text


def test_without_a_page_all_else_works(
    system: System, client: httpx.Client, tmp_path: Path
) -> None:
    """The greeting then names no page."""
    done = run_stack(system.environment | {"MIEN_STACK_PAGE_DIR": str(tmp_path)}, "up")
    try:
        assert done.returncode == 0, done.stderr
        assert "Open http" not in done.stdout
        missing = client.get("/")
        assert (missing.status_code, missing.json()["code"]) == (404, "page_not_built")
        assert "/v1/analyze" in client.get("/docs").raise_for_status().text
    finally:
        assert system.command("up").returncode == 0
