"""The page's frame: views, keyboard, accessibility, telephones, what it may load."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.chromium import Watch

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
VIEWS = ("Picture", "Video", "Live", "Compare", "Explain", "Models")
TELEPHONE = (360, 740)
# As browsers do where a site may keep nothing: looking is forbidden already.
BLOCK_STORAGE = """
  const forbid = (owner, name) => Object.defineProperty(owner, name, {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
  });
  ["localStorage", "sessionStorage", "indexedDB", "caches"].forEach(name => forbid(window, name));
  forbid(Navigator.prototype, "serviceWorker");
  forbid(Document.prototype, "cookie");
"""


def open_view(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("viewport", [(1280, 800), TELEPHONE], ids=["wide", "phone"], indirect=True)
def test_every_view_is_accessible_and_fits(page: Page, look: Callable[[str], None]) -> None:
    """axe-core finds nothing of levels A and AA, and nothing has to be scrolled sideways."""
    for view in VIEWS:
        open_view(page, view)
        assert violations(page) == [], view
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0, f"{view} is wider than the screen"
        look(f"empty-{view.lower()}")


def test_the_caption_is_on_every_view(page: Page) -> None:
    """What an expression is and is not stays in sight."""
    for view in VIEWS:
        open_view(page, view)
        caption = page.get_by_role("contentinfo").get_by_text("not what a person feels")
        expect(caption).to_be_visible()


def test_the_keyboard_reaches_every_view(page: Page) -> None:
    """Tab leads through the views, Enter opens one, and the way past them is first."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the content")).to_be_focused()
    for view in VIEWS:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=view, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()


def test_the_address_leads_back_to_a_view(page: Page) -> None:
    """A view has an address that can be kept, and the browser's back button works."""
    open_view(page, "Compare")
    open_view(page, "Models")
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Compare")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Compare")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("viewport", [TELEPHONE], ids=["phone"], indirect=True)
def test_an_unknown_address_says_so(page: Page, look: Callable[[str], None]) -> None:
    """It shows no view as if that had been asked for, and the views lead on."""
    page.goto("/#/nonsense")
    expect(page.get_by_role("heading", level=1, name="Not found")).to_be_visible()
    expect(page.get_by_text("There is no view at /#/nonsense")).to_be_visible()
    expect(page).to_have_title("Not found · Mien")
    expect(page.locator("[aria-current=page]")).to_have_count(0)
    assert violations(page) == []
    look("unknown")
    open_view(page, "Picture")


def test_a_browser_that_keeps_nothing_shows_the_page(watch: tuple[Page, Watch]) -> None:
    """Models are chosen all the same, and forgotten with the visit."""
    page, _ = watch
    page.add_init_script(BLOCK_STORAGE)
    page.goto("/")
    other = "fer2013-squeezenet-tensorflow"
    picker = page.get_by_role("combobox", name="Model")
    picker.select_option(other)
    for view in VIEWS:
        open_view(page, view)
    open_view(page, "Picture")
    expect(picker).to_have_value(other)
    page.reload()
    expect(picker).to_be_enabled()
    expect(picker).not_to_have_value(other)
