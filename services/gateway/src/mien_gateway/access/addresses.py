"""Addresses of callers, and of ourselves."""

from ipaddress import IPv6Address, ip_address, ip_network

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
