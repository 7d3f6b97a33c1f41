"""How soon the page is there, and how much it weighs."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.running_system import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
FIRST_PAINT_MILLISECONDS = 1000
BUNDLE_BYTES = 250_000
REPORT = ROOT / "build" / "page-speed.md"

_FIGURES = """() => {
  const paints = Object.fromEntries(
    performance.getEntriesByType("paint").map(entry => [entry.name, entry.startTime]));
  const [visit] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource");
  return {
    paint: paints["first-contentful-paint"],
    usable: visit.domInteractive,
    bytes: [visit, ...files].filter(entry => !entry.name.includes("/v1/"))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
    files: files.length,
  };
}"""


def first_visit(context: BrowserContext) -> tuple[Page, dict[str, float]]:
    page = context.new_page()
    page.goto("/", wait_until="networkidle")
    figures: dict[str, float] = page.evaluate(_FIGURES)
    return page, figures


def test_the_first_paint_comes_within_a_second(context: BrowserContext) -> None:
    """Somebody who was never here sees the page at once; what is loaded is small."""
    _, figures = first_visit(context)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(
        f"first contentful paint {figures['paint']:.0f} ms, usable after "
        f"{figures['usable']:.0f} ms, {figures['bytes'] / 1000:.1f} kB in "
        f"{figures['files']:.0f} files\n"
    )
    assert figures["paint"] < FIRST_PAINT_MILLISECONDS
    assert 0 < figures["bytes"] < BUNDLE_BYTES
