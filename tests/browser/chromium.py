"""A real Chromium, Debian's, and what was seen in it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.running_system import ROOT

PICTURES = ROOT / "build" / "page-pictures"
"""Of what was seen, for people to look at."""

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A refused picture is an answer too; Chromium reports its status on the console.
ANSWERS = re.compile(r"Failed to load resource: the server responded with a status of [45]\d\d")
# The last one is said of the service worker, when the gateway goes before the page has kept itself.
AWAY = re.compile(
    r"net::ERR_(CONNECTION|EMPTY_RESPONSE|INTERNET|ABORTED)|WebSocket connection to"
    r"|An unknown error occurred when fetching the script"
)


def chromium_path() -> str:
    """Where Chromium is; skips the test where it is not."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return found


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser without a window.

    Playwright's own event loop ends with it, so that other tests' loops can begin.
    """
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=False, args=list(arguments)
        )
        yield browser
        browser.close()


class Watch:
    """What a page did that no page of ours should: errors, and requests to other hosts."""

    def __init__(self, page: Page, home: str) -> None:
        self._home = urlsplit(home).netloc
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.may_be_away = False
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def check(self) -> None:
        """Hold the page to it."""
        assert not self.strangers, f"requests to other hosts: {self.strangers}"
        assert not self.errors, f"errors on the console: {self.errors}"

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or ANSWERS.search(message.text):
            return
        if self.may_be_away and AWAY.search(message.text):
            return
        self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"blob", "data"} and parts.netloc != self._home:
            self.strangers.append(request.url)


def camera_arguments(video: Path) -> tuple[str, ...]:
    """Options that make a video file the camera, and say yes when a page asks for it."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    )
