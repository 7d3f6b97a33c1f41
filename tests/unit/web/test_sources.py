"""The page's own tests, and what its lock file must hold."""

import json
from typing import Any

import pytest
from rich.console import Console

from mien_stack import page
from tests.running_system import ROOT

LOCKED: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
)["packages"]


@pytest.mark.timeout(400)  # the packages may have to be installed first
def test_the_pages_own_tests_pass() -> None:
    """Vitest's, of what needs no browser."""
    page.make("test", Console())


def test_the_lock_holds_the_packages_of_every_machine() -> None:
    """Else `npm ci` refuses it; a registry that lacks some writes it without them."""
    missing = {
        name
        for parent, package in LOCKED.items()
        for name in package.get("optionalDependencies", {})
        if f"node_modules/{name}" not in LOCKED and f"{parent}/node_modules/{name}" not in LOCKED
    }
    assert missing == set()


def test_the_lock_names_no_place_and_knows_what_is_fetched() -> None:
    """Where packages come from is the builder's affair; that they are the right ones is not.

    What is for other systems than Linux, or without glibc, may come from a registry that had it
    not when the file was written: it is never fetched here.
    """
    for name, package in LOCKED.items():
        assert "resolved" not in package, name
        elsewhere = package.get("os", ["linux"]) != ["linux"] or package.get("libc") == ["musl"]
        assert not name or "integrity" in package or package.get("optional"), name
        if package.get("cpu") in (["x64"], ["arm64"]) and not elsewhere:
            assert "integrity" in package, name
