"""The API's description, as programs that make clients of it need it."""

from collections.abc import Iterator
from typing import Any

import pytest

from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import FakeGateway


@pytest.fixture
def document(gateway: FakeGateway) -> dict[str, Any]:
    return create_http_app(gateway.core).openapi()


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from objects(child)


def test_a_constant_is_one_value(document: dict[str, Any]) -> None:
    """Not every generator takes a list for one."""
    assert not [one for one in objects(document) if isinstance(one.get("const"), list | dict)]
