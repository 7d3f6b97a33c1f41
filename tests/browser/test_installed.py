"""The page as an application: it can be installed, and it opens without a network."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_it_can_be_installed(page: Page) -> None:
    """Chromium finds all that it asks of an application."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # What was opened as a guest, as tests are, is not offered for installation.
    assert {error["errorId"] for error in found} <= {"in-incognito"}


def test_it_opens_without_a_network(watch: tuple[Page, Watch], page: Page) -> None:
    """Somebody who was here before gets the page, is told what is missing, and it comes back."""
    watch[1].may_be_away = True
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the service worker has the page
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Picture")).to_be_visible()
    expect(page.get_by_text("Mien does not answer.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Mien does not answer.")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Model")).to_be_enabled()


def test_an_address_that_is_not_the_pages_is_not_answered_by_it(page: Page) -> None:
    """The gateway says that it knows no such address, whether the page is kept or not."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the service worker has the page
    for address, status in (("/nonsense", 404), ("/?from=elsewhere", 200)):
        answer = page.goto(address)
        assert answer
        assert answer.status == status
