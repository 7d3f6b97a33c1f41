"""Which transport a URL chooses, and what is no URL of a Mien."""

import pytest

from mien_client import AsyncClient, Client
from mien_client.address import read_address
from mien_client.rest.frames import stream_url


@pytest.mark.parametrize(
    ("url", "is_grpc", "is_secure"),
    [
        ("http://localhost:8000", False, False),
        ("https://mien.example/", False, True),
        ("https://example.org/mien/", False, True),
        ("grpc://[::1]:9000", True, False),
        ("grpcs://mien.example:443", True, True),
    ],
)
def test_a_url_chooses_the_transport(url: str, is_grpc: bool, is_secure: bool) -> None:
    """By its scheme alone."""
    address = read_address(url)
    assert (address.is_grpc, address.is_secure) == (is_grpc, is_secure)
    assert not address.url.endswith("/")


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://localhost", "http://", "grpc://localhost", "8000"]
)
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_other_urls_are_refused_with_the_forms_there_are(
    client: type[Client | AsyncClient], url: str
) -> None:
    """Before anything is opened."""
    with pytest.raises(ValueError, match="HOST"):
        client(url)


def test_live_streams_keep_path_and_security() -> None:
    """Behind a proxy, too."""
    assert stream_url(read_address("http://a:1/")) == "ws://a:1/v1/stream"
    assert stream_url(read_address("https://a/mien")) == "wss://a/mien/v1/stream"
