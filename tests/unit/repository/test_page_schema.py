"""The page is compiled against what the gateway says of itself."""

import pytest

from tests.page_schema import KEPT, TOOL, make_schema


def test_the_pages_types_are_the_gateways() -> None:
    """A change of a document reaches the page's compiler: make page-schema."""
    if not TOOL.exists():
        pytest.skip("the page's tools are not installed: make page")
    assert make_schema() == KEPT.read_text()
