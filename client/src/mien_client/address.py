"""Where a Mien is, and by which transport it is asked."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_REST = ("http", "https")
_GRPC = ("grpc", "grpcs")
_FORMS = "http://HOST:PORT, https://HOST:PORT, grpc://HOST:PORT or grpcs://HOST:PORT"


@dataclass(frozen=True, slots=True)
class Address:
    """A gateway's address.

    Attributes:
        url: without a slash at its end.
        is_grpc: whether gRPC is spoken there, else REST.
        is_secure: whether TLS is.
        place: host and port.
    """

    url: str
    is_grpc: bool
    is_secure: bool
    place: str


def read_address(url: str) -> Address:
    """Return the address that a URL stands for.

    Raises ValueError that names the forms it may have.
    """
    parts = urlsplit(url)
    is_grpc = parts.scheme in _GRPC
    if parts.scheme not in (*_REST, *_GRPC) or not parts.hostname:
        message = f"The URL must be {_FORMS}. Received: {url!r}"
        raise ValueError(message)
    if is_grpc and parts.port is None:
        message = f"A gRPC address needs its port, {parts.scheme}://HOST:9000 as it comes"
        raise ValueError(message)
    is_secure = parts.scheme in ("https", "grpcs")
    return Address(url.rstrip("/"), is_grpc, is_secure, parts.netloc)
