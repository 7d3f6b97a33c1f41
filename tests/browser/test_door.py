"""A gateway that asks for a key, and one whose servers have not come yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from mien_gateway.auth.api_keys import line_of
from mien_stack.sample_photo import sample_photo
from tests.browser.axe import violations
from tests.browser.chromium import PICTURES, Watch
from tests.browser.gateways import gateway
from tests.running_system import System, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
KEY = "mien_a-key-for-tests"


def visit(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page of a gateway, held to what every page of ours is held to."""
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        watch = Watch(page, address)
        page.goto("/")
        yield page
        watch.check()


@pytest.fixture
def guarded(killable: System, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of a gateway that lets in who has the key."""
    keys = tmp_path / "keys.txt"
    keys.write_text(line_of("somebody", KEY), encoding="utf-8")
    with gateway(killable.settings, MIEN_GATEWAY_API_KEYS_FILE=str(keys)) as address:
        yield from visit(browser, address)


@pytest.fixture
def early(killable: System, browser: Browser) -> Iterator[Page]:
    """The page of a gateway whose face detector is not there."""
    nobody = free_ports(["detector"])["detector"]
    target = {"MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{nobody}"}
    with gateway(killable.settings, **target) as address:
        yield from visit(browser, address)


def give(page: Page, key: str) -> None:
    page.get_by_label("API key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()


def test_the_key_is_asked_for_and_never_kept(guarded: Page) -> None:
    """A wrong one is asked for again; the right one opens everything, for this visit alone."""
    dialog = guarded.get_by_role("dialog", name="This Mien asks for an API key")
    expect(dialog).to_be_visible()
    guarded.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    guarded.wait_for_timeout(2500)  # the page has asked again meanwhile
    expect(dialog).to_be_hidden()
    guarded.get_by_role("button", name="Enter a key").click()
    give(guarded, "mien_a-wrong-key")
    expect(dialog.get_by_role("alert")).to_contain_text("not accepted")
    assert violations(guarded) == []
    guarded.screenshot(path=PICTURES / "key.png")
    give(guarded, KEY)
    expect(dialog).to_be_hidden()
    expect(guarded.get_by_role("combobox", name="Model")).to_be_enabled()
    photo = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=sample_photo())
    guarded.locator("input[type=file]").set_input_files(photo)
    expect(guarded.get_by_role("button", name="Face 1: happy")).to_be_visible()
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert KEY not in guarded.evaluate(kept)
    guarded.reload()
    expect(dialog).to_be_visible()


def test_what_is_not_ready_is_named(early: Page) -> None:
    """While servers come the page says which are there, and waits."""
    told = early.get_by_role("status").filter(has_text="Mien is starting")
    expect(told).to_contain_text("face-detector not ready")
    expect(told).to_contain_text("redis ready")
    assert violations(early) == []
    early.screenshot(path=PICTURES / "early.png")
