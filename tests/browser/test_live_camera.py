"""The camera is on with a session and never without one, in whatever order a browser opens it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.chromium import chromium

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TWO_CAMERAS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=device-count=2",
)
# Every track that the page ever got, and calls that are answered when the test says so.
INSTRUMENT = """
  window.tracks = [];
  window.held = { getUserMedia: null, enumerateDevices: null };
  for (const name of Object.keys(held)) {
    const original = navigator.mediaDevices[name].bind(navigator.mediaDevices);
    navigator.mediaDevices[name] = async (...values) => {
      if (held[name]) await new Promise((...answers) => held[name].push(answers));
      const given = await original(...values);
      if (name === "getUserMedia") tracks.push(...given.getTracks());
      return given;
    };
  }
"""
READY = '{"type": "ready", "labels": ["happy"], "credit": 2, "model": {"name": "any"}}'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with two cameras."""
    with chromium(*TWO_CAMERAS) as browser:
        yield browser


@pytest.fixture
def streams(page: Page) -> list[WebSocketRoute]:
    """The live streams that the page opened, with a server that is ready and sees nobody."""
    opened: list[WebSocketRoute] = []

    def serve(stream: WebSocketRoute) -> None:
        opened.append(stream)
        stream.on_message(lambda said: stream.send(READY) if "start" in str(said) else None)

    page.route_web_socket("**/v1/stream", serve)
    return opened


@pytest.fixture
def view(page: Page, streams: list[WebSocketRoute]) -> Page:  # noqa: ARG001 - it serves them
    """The live view, instrumented, everyone agreed."""
    page.add_init_script(INSTRUMENT)
    page.goto("/#/live")
    page.reload()  # a new hash alone runs no script
    page.get_by_label("Everyone in front of the camera").check()
    return page


def start(view: Page) -> None:
    view.get_by_role("button", name="Start the camera").click()


def is_live(view: Page) -> None:
    """Wait until the session is seen to run."""
    expect(view.get_by_role("status", name="State of the stream")).to_have_text("Live")
    expect(view.get_by_role("button", name="Stop the camera")).to_be_visible()


def hold(view: Page, call: str) -> None:
    view.evaluate("call => { held[call] = []; }", call)


def waits(view: Page, call: str, count: int) -> None:
    view.wait_for_function("([call, count]) => held[call].length === count", arg=[call, count])


def release(view: Page, call: str, place: int, answer: str = "resolve") -> None:
    """Answer one of the calls that are held; returns when the page has heard of it."""
    view.evaluate(
        """async ([call, place, answer]) => {
          const [resolve, reject] = held[call][place];
          const given = tracks.length + (call === "getUserMedia" ? 1 : 0);
          answer === "resolve" ? resolve() : reject(new DOMException("", answer));
          while (answer === "resolve" && tracks.length < given)
            await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
        }""",
        [call, place, answer],
    )


def switched_on(view: Page) -> int:
    """How many cameras are on."""
    count: int = view.evaluate("tracks.filter(track => track.readyState === 'live').length")
    return count


def is_off(view: Page) -> None:
    """Hold the page to it that the camera is off where it says so."""
    expect(view.get_by_text("The camera is off.")).to_be_visible()
    expect(view.get_by_role("button", name="Start the camera")).to_be_visible()
    assert switched_on(view) == 0


@pytest.fixture
def switching(view: Page) -> Page:
    """A session whose camera was changed twice; the browser has not answered yet."""
    start(view)
    is_live(view)
    picker = view.get_by_role("combobox", name="Camera")
    options: list[str] = picker.evaluate("select => [...select.options].map(one => one.value)")
    assert len(options) == 2
    hold(view, "getUserMedia")
    picker.select_option(options[1])
    waits(view, "getUserMedia", 1)
    picker.select_option(options[0])
    waits(view, "getUserMedia", 2)
    assert switched_on(view) == 0
    return view


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the last one first"])
@pytest.mark.parametrize("first", ["resolve", "NotReadableError"])
def test_cameras_that_are_changed_quickly(
    switching: Page, order: tuple[int, int], first: str
) -> None:
    """The session goes on with the one chosen last; what becomes of the other does not matter."""
    for place in order:
        release(switching, "getUserMedia", place, "resolve" if place else first)
    is_live(switching)
    assert switched_on(switching) == 1
    expect(switching.get_by_role("alert")).to_have_count(0)
    switching.get_by_role("button", name="Stop the camera").click()
    is_off(switching)


def test_a_session_that_ends_while_a_camera_is_opened(
    switching: Page, streams: list[WebSocketRoute]
) -> None:
    """The camera that comes afterwards is switched off again."""
    streams[-1].close(code=1008, reason="stream_too_long")
    expect(switching.get_by_text("The camera is off.")).to_be_visible()
    for place in (0, 1):
        release(switching, "getUserMedia", place)
        is_off(switching)


def test_a_chosen_camera_that_cannot_be_opened_ends_the_session(switching: Page) -> None:
    """It says why, and the camera is off."""
    release(switching, "getUserMedia", 1, "NotReadableError")
    release(switching, "getUserMedia", 0)
    expect(switching.get_by_role("alert")).to_contain_text("The camera is in use")
    is_off(switching)


@pytest.mark.parametrize("call", ["getUserMedia", "enumerateDevices"])
def test_the_view_is_left_during_the_start(view: Page, call: str) -> None:
    """No session and no camera are left, now or later."""
    hold(view, call)
    start(view)
    waits(view, call, 1)
    view.get_by_role("navigation").get_by_role("link", name="Models").click()
    expect(view.get_by_role("heading", level=1, name="Models")).to_be_visible()
    release(view, call, 0)
    assert switched_on(view) == 0
    view.get_by_role("navigation").get_by_role("link", name="Live").click()
    is_off(view)


def test_cameras_that_cannot_be_listed_do_not_matter(view: Page) -> None:
    """The session has the one that it was given."""
    hold(view, "enumerateDevices")
    start(view)
    waits(view, "enumerateDevices", 1)
    release(view, "enumerateDevices", 0, "UnknownError")
    is_live(view)
    assert switched_on(view) == 1
