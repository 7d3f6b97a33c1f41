"""Servers that go while somebody looks at pictures: what is said meanwhile, and back by itself."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pictures
from tests.browser.chromium import Watch
from tests.browser.test_still_pictures import choose, face, thumbnail
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
BACK_MILLISECONDS = 60_000


def kill(system: System, name: str) -> None:
    """End a process at once; its supervisor starts another one."""
    os.kill(next(s.pid for s in system.supervisor.states() if s.name == name), signal.SIGKILL)


def test_a_model_server_that_was_killed(page: Page, killable: System, tmp_path: Path) -> None:
    """The picture is kept, the page says what is missing, and then the answer is there."""
    choose(page, pictures.new_photo(tmp_path / "before.jpg", seed=11))
    expect(face(page)).to_be_visible()
    kill(killable, "torchserve")
    choose(page, pictures.new_photo(tmp_path / "meanwhile.jpg", seed=12))
    expect(page.get_by_text("The picture is sent again by itself.")).to_be_visible()
    expect(thumbnail(page, "meanwhile.jpg", "trying again")).to_be_visible()
    expect(thumbnail(page, "meanwhile.jpg", "1 face")).to_be_visible(timeout=BACK_MILLISECONDS)
    expect(face(page)).to_contain_text("happy")


def test_a_gateway_that_was_killed(
    watch: tuple[Page, Watch], page: Page, killable: System, tmp_path: Path
) -> None:
    """Nobody answers at all; the page waits, and goes on where it was."""
    watch[1].may_be_away = True
    expect(page.get_by_role("combobox", name="Model")).to_be_enabled()
    kill(killable, "gateway")
    choose(page, pictures.new_photo(tmp_path / "meanwhile.jpg", seed=13))
    expect(thumbnail(page, "meanwhile.jpg", "1 face")).to_be_visible(timeout=BACK_MILLISECONDS)
    expect(page.get_by_text("Mien does not answer")).to_be_hidden()
