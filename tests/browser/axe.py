"""What axe-core finds wrong with a page for people who see, hear or move differently."""

import json
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.running_system import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@cache
def _source() -> str:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make page")
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """Return what is wrong of levels A and AA, a line each: the rule, the place, the reason."""
    page.evaluate(_source())
    options = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run(document, {json.dumps(options)}).then(result => result.violations)"
    )
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
