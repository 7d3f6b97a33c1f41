"""The page in a real browser, against the running system."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import PICTURES, Watch, camera_arguments, chromium
from tests.browser.face_video import write_camera_video
from tests.running_system import System

WAIT_MILLISECONDS = 15_000
# For work on the page: the address of `npm run dev`, beside a running `make up`.
OTHER_PAGE = os.environ.get("MIEN_TEST_PAGE_URL", "")


@pytest.fixture(scope="session")
def page_url(request: pytest.FixtureRequest) -> str:
    """Where the page is served: by the system's gateway, unless told otherwise."""
    if OTHER_PAGE:
        return OTHER_PAGE
    system: System = request.getfixturevalue("system")
    return system.settings.rest_url


@pytest.fixture(scope="session")
def killable(page_url: str, request: pytest.FixtureRequest) -> System:
    """The system behind the page, whose processes a test may kill."""
    if OTHER_PAGE:
        pytest.skip(f"{page_url} belongs to somebody else")
    system: System = request.getfixturevalue("system")
    return system


@pytest.fixture(scope="session")
def camera_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample photo's face, moving, as Chromium's fake camera takes it."""
    return write_camera_video(tmp_path_factory.mktemp("camera") / "face.mjpeg")


@pytest.fixture(scope="module")
def browser(camera_video: Path) -> Iterator[Browser]:
    """A browser whose camera is the video."""
    with chromium(*camera_arguments(camera_video)) as browser:
        yield browser


@pytest.fixture(params=["light"])
def scheme(request: pytest.FixtureRequest) -> str:
    """The colours; a test that wants both is parametrised over them, indirectly."""
    scheme: str = request.param
    return scheme


@pytest.fixture(params=[(1280, 800)], ids=["wide"])
def viewport(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height; a test for a telephone is parametrised over them, indirectly."""
    size: tuple[int, int] = request.param
    return size


@pytest.fixture
def context(
    browser: Browser, page_url: str, scheme: str, viewport: tuple[int, int]
) -> Iterator[BrowserContext]:
    """A visitor who was never here."""
    width, height = viewport
    context = browser.new_context(
        base_url=page_url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",  # colours between two colours have no contrast to be judged by
        accept_downloads=True,
        permissions=["camera"],
    )
    context.set_default_timeout(WAIT_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def watch(context: BrowserContext, page_url: str) -> Iterator[tuple[Page, Watch]]:
    """An empty tab, and what it does."""
    page = context.new_page()
    watch = Watch(page, page_url)
    yield page, watch
    watch.check()


@pytest.fixture
def page(watch: tuple[Page, Watch]) -> Page:
    """Mien's page, opened; held to no errors and no requests to other hosts."""
    page, _ = watch
    page.goto("/")
    return page


@pytest.fixture
def look(page: Page, scheme: str, viewport: tuple[int, int]) -> Callable[[str], None]:
    """Keep a picture of the page under a name, to be looked at by people."""

    def keep(name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{scheme}-{viewport[0]}.png", full_page=True)

    return keep
