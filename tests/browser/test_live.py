"""The live view: consent, camera, boxes and figures, an outage, and what is left afterwards."""

import csv
import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.chromium import Watch, chromium_path
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TELEPHONE = (390, 844)
BACK_MILLISECONDS = 60_000
RUNNING = re.compile("^Live$")


@pytest.fixture
def view(page: Page) -> Page:
    """The live view."""
    page.goto("/#/live")
    expect(page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    return page


def state(view: Page) -> str:
    return view.get_by_role("status", name="State of the stream").inner_text()


def figure(view: Page, name: str) -> float:
    """One of the live figures; -1 before there is one."""
    text = view.get_by_role("status", name=name).inner_text()
    number = re.match(r"[\d.]+", text)
    return float(number.group()) if number else -1.0


def start(view: Page, *, keep: bool = False) -> None:
    """Agree, switch the camera on, and wait for a face."""
    view.get_by_label("Everyone in front of the camera").check()
    if keep:
        view.get_by_label("Keep the labels on the server").check()
    view.get_by_role("button", name="Start the camera").click()
    seen(view)


def seen(view: Page, track: str = r"\d+") -> None:
    """Wait until a face is seen."""
    faces = view.get_by_label("Faces now")
    expect(faces).to_contain_text(re.compile(rf"#{track}\s*\w+\s*\d+ %"), timeout=30_000)


def stop(view: Page) -> None:
    view.get_by_role("button", name="Stop the camera").click()
    expect(view.get_by_text("The camera is off.")).to_be_visible()


def covered_by_the_state(view: Page) -> float:
    """How many pixels of the picture's height the state of the stream lies over."""
    state = view.get_by_role("status", name="State of the stream").bounding_box()
    picture = view.locator(".stage canvas").bounding_box()
    assert state
    assert picture
    lower = min(state["y"] + state["height"], picture["y"] + picture["height"])
    return max(0.0, lower - max(state["y"], picture["y"]))


def lights(view: Page) -> list[str]:
    """How the camera's tracks are: its light is on while one is live."""
    states: list[str] = view.evaluate(
        """() => (document.querySelector("video").srcObject?.getTracks() ?? [])
          .map(track => track.readyState)"""
    )
    return states


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("viewport", [(1280, 800), TELEPHONE], ids=["wide", "phone"], indirect=True)
def test_faces_are_followed_in_front_of_the_camera(view: Page, look: Callable[[str], None]) -> None:
    """Notice, boxes, figures, charts, and the timeline afterwards, all of it accessible."""
    assert violations(view) == []
    start(view)
    view.wait_for_timeout(2500)
    assert figure(view, "Frames per second") > 1
    assert 0 < figure(view, "Median latency") < 2000
    assert figure(view, "Analysed frames") > 5
    expect(view.locator(".live-chart canvas")).to_be_visible()
    assert covered_by_the_state(view) < 1
    assert violations(view) == []
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert view.evaluate(wider) <= 0
    look("live-running")
    stop(view)
    expect(view.get_by_role("heading", name="The session's timeline")).to_be_visible()
    expect(view.locator(".plot canvas")).to_be_visible()
    assert violations(view) == []
    assert view.evaluate(wider) <= 0
    look("live-stopped")


def test_nothing_starts_without_consent(view: Page) -> None:
    """The button waits for the tick, and the notice is linked to."""
    button = view.get_by_role("button", name="Start the camera")
    expect(button).to_be_disabled()
    agreed = view.get_by_label("Everyone in front of the camera")
    agreed.check()
    expect(button).to_be_enabled()
    agreed.uncheck()
    expect(button).to_be_disabled()
    notice = view.get_by_role("main").get_by_role("link", name="the whole notice")
    address = notice.get_attribute("href")
    assert address
    assert view.request.get(address).status == 200


def test_the_camera_is_off_after_the_stop_and_after_leaving(view: Page) -> None:
    """Its light is off at once, and the stream is closed."""
    start(view)
    assert lights(view) == ["live"]
    stop(view)
    assert lights(view) == ["ended"]

    start(view)
    track = view.evaluate_handle("document.querySelector('video').srcObject.getTracks()[0]")
    view.get_by_role("navigation").get_by_role("link", name="Models").click()
    assert track.evaluate("track => track.readyState") == "ended"


def test_the_session_is_kept_and_deleted(view: Page) -> None:
    """A table of what was seen; under the session's id the server has the same until deleted."""
    start(view, keep=True)
    view.wait_for_timeout(1000)
    stop(view)
    with view.expect_download() as download:
        view.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) > 5
    assert all(float(row["confidence"]) > 0 for row in rows)
    times = [float(row["time_seconds"]) for row in rows]
    assert times == sorted(times)

    session = view.locator("code").inner_text()
    address = f"/v1/sessions/{session}/timeline"
    assert view.request.get(address).json()["entries"]
    view.get_by_role("button", name="Delete from the server").click()
    expect(view.get_by_text("The server keeps nothing of it")).to_be_visible()
    assert view.request.get(address).status == 404


def test_another_model_takes_over_in_the_stream(view: Page) -> None:
    """The camera stays on, the face is seen by the other model, under a new number."""
    start(view)
    view.get_by_label("Model").select_option("fer2013-squeezenet-tensorflow")
    seen(view, track="[2-9]")
    assert lights(view) == ["live"]
    assert state(view) == "Live"
    stop(view)
    expect(view.get_by_role("combobox", name="Face", exact=True)).to_be_visible()


def test_mirroring_is_for_the_eye_alone(view: Page) -> None:
    """The video is shown mirrored, its boxes with it, until that is switched off."""
    start(view)
    mirrored = "getComputedStyle(document.querySelector('video')).transform"
    assert view.evaluate(mirrored).startswith("matrix(-1")
    view.get_by_label("Mirrored").uncheck()
    assert view.evaluate(mirrored) == "none"


def test_a_hidden_page_sends_nothing(view: Page) -> None:
    """The stream pauses with the page and goes on with it."""
    start(view)
    hide = """hidden => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    view.evaluate(hide, True)
    expect(view.get_by_role("status", name="State of the stream")).to_have_text("Paused")
    view.wait_for_timeout(600)
    before = figure(view, "Analysed frames")
    view.wait_for_timeout(1000)
    assert figure(view, "Analysed frames") == before
    view.evaluate(hide, False)
    seen(view, track="[2-9]")
    assert figure(view, "Analysed frames") > before


@pytest.fixture
def strict_browser(browser: Browser) -> Iterator[Browser]:
    """A browser that is asked for a camera by itself, and has one."""
    other = browser.browser_type.launch(
        executable_path=chromium_path(),
        chromium_sandbox=False,
        args=["--use-fake-device-for-media-stream"],
    )
    yield other
    other.close()


@pytest.fixture
def bare_browser(browser: Browser) -> Iterator[Browser]:
    """A browser without a camera."""
    other = browser.browser_type.launch(
        executable_path=chromium_path(),
        chromium_sandbox=False,
        args=["--use-fake-ui-for-media-stream"],
    )
    yield other
    other.close()


def refusal(browser: Browser, page_url: str) -> str:
    """What the page says when it cannot have the camera."""
    page = browser.new_page(base_url=page_url)
    page.goto("/#/live")
    page.get_by_label("Everyone in front of the camera").check()
    page.get_by_role("button", name="Start the camera").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(page.get_by_role("button", name="Start the camera")).to_be_enabled()
    return alert.inner_text()


def test_a_camera_that_is_denied_is_told_in_words(strict_browser: Browser, page_url: str) -> None:
    """What happened, and where to allow it."""
    assert "Allow the camera for this page" in refusal(strict_browser, page_url)


def test_a_machine_without_a_camera_is_told_in_words(bare_browser: Browser, page_url: str) -> None:
    """What is missing."""
    assert "There is no camera" in refusal(bare_browser, page_url)


def test_the_stream_survives_the_gateway(
    killable: System, watch: tuple[Page, Watch], view: Page
) -> None:
    """Killed, the gateway is waited for in sight, and the session goes on by itself."""
    watch[1].may_be_away = True
    start(view)
    before = figure(view, "Analysed frames")
    [gateway] = [one for one in killable.supervisor.states() if one.name == "gateway"]
    os.kill(gateway.pid, signal.SIGKILL)
    told = view.get_by_role("status", name="State of the stream")
    expect(told).to_have_text(re.compile("trying again|Connecting"))
    assert lights(view) == ["live"]
    expect(told).to_have_text(RUNNING, timeout=BACK_MILLISECONDS)
    seen(view, track="[2-9]")
    assert figure(view, "Analysed frames") > before
    stop(view)
    expect(view.get_by_role("combobox", name="Face", exact=True)).to_be_visible()
