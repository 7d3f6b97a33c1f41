"""Who calls: a key's name, or a network address."""

from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from mien_gateway.auth.api_keys import ApiKey
from mien_gateway.auth.rates import Rate


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller brings; a transport fills it in."""

    key: str | None = field(default=None, repr=False)
    """The API key as it was presented, or None."""
    address: str = field(default="", repr=False)
    """Where the call comes from, for those without a key."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One who was let in; the rate holds for all that has the same identity."""

    identity: str = field(repr=False)
    """`key:<name>` or `address:<network>`; never shown, since an address is personal."""
    rate: Rate | None = None
    key: ApiKey | None = field(default=None, repr=False, compare=False)
    """What let him in, to be checked again in long calls."""

    def own(self, session: str) -> str:
        """Return a session's id as this caller's alone; without keys, who knows it owns it."""
        return f"{self.identity}/{session}" if session and self._has_key else session

    @property
    def _has_key(self) -> bool:
        return self.identity.startswith("key:")


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """What is left of a caller's rate."""

    limit: int
    remaining: int
    reset_seconds: float


# Who has one IPv6 address has the 2**64 of its network.
_IPV6_PREFIX = 64


def network_of(address: str) -> str:
    """Return what counts as one caller: an IPv4 address, or the network of an IPv6 one.

    What is no address, such as a Unix socket's name, stands for itself.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_PREFIX), strict=False))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
