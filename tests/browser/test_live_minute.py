"""The live view for a while: frames per second, latency, and memory that does not grow.

`MIEN_TEST_LIVE_SECONDS=60` for the minute that the README's figures are of.
"""

import os

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.running_system import ROOT

SECONDS = float(os.environ.get("MIEN_TEST_LIVE_SECONDS", "10"))
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(SECONDS + 400)]
REPORT = ROOT / "build" / "page-live.md"
FIGURES = ("Frames per second", "Median latency", "Dropped frames", "Analysed frames")
# The record of the visit grows by what was seen, some 0.3 kB a frame; pictures would be megabytes.
GROWTH_BYTES_PER_SECOND = 10_000
# Chromium compiles what runs often: that levels off within half a minute.
WARM_UP_BYTES = 500_000
NODES_MORE = 50


def memory(session: CDPSession) -> dict[str, float]:
    """Return what the page holds, after everything that nobody holds is gone."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in metrics}


def figure(page: Page, name: str) -> float:
    text = page.get_by_role("status", name=name).inner_text()
    return float(text.split()[0].replace(",", ""))


def test_the_live_view_keeps_up_and_does_not_grow(page: Page) -> None:
    """Frames come back quickly for as long as the camera runs, and none of them stays."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.get_by_role("link", name="Live").click()
    page.get_by_role("checkbox", name="Everyone in front of the camera").check()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_role("status", name="Analysed frames")).not_to_have_text("0")
    page.wait_for_timeout(SECONDS * 1000 / 5)  # what is loaded once has been loaded
    before = memory(session)
    page.wait_for_timeout(SECONDS * 1000 * 4 / 5)
    after = memory(session)
    figures = {name: figure(page, name) for name in FIGURES}
    heap = [one["JSHeapUsedSize"] / 1e6 for one in (before, after)]
    REPORT.write_text(
        f"{SECONDS:.0f} s: "
        + ", ".join(f"{name.lower()} {value:g}" for name, value in figures.items())
        + f"; page's heap {heap[0]:.2f} MB, then {heap[1]:.2f} MB\n"
    )
    grown = after["JSHeapUsedSize"] - before["JSHeapUsedSize"]
    assert grown < WARM_UP_BYTES + GROWTH_BYTES_PER_SECOND * SECONDS
    assert after["Nodes"] <= before["Nodes"] + NODES_MORE
    assert figures["Analysed frames"] >= SECONDS
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
