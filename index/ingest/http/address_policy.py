"""Decide which network addresses and ports pages may be fetched from: public ones only."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

ALLOWED_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8081, 8443, 8888})
"""Ports commonly used by web servers; those of mail, databases and other services are not."""

_BLOCKED_IPV4_NETWORKS = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform services, at an address that looks public
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""IANA's registry of special-purpose IPv4 addresses (RFC 6890 and later), and multicast.

They include the metadata services of clouds: 169.254.169.254, 100.100.100.200, 192.0.0.192.
"""
_PUBLIC_IPV6_NETWORK = IPv6Network("2000::/3")
"""The range of allocated global unicast addresses; all others are blocked."""
_BLOCKED_IPV6_NETWORKS = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID, benchmarks: IETF protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 embeds an IPv4 address, perhaps a private one
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""The part of IANA's registry of special-purpose IPv6 addresses that lies in 2000::/3."""
_NAT64_NETWORK = IPv6Network("64:ff9b::/96")
"""NAT64 prefix, which embeds IPv4 (RFC 6052); the local one, 64:ff9b:1::/48, is blocked."""

_HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_address_allowed(address: str, *, allow_loopback: bool = False) -> bool:
    """Return whether a connection to this address, in its canonical notation, is allowed.

    An IPv4 address embedded in an IPv6 one (mapped, or NAT64) is judged as the IPv4 address. With
    `allow_loopback`, loopback addresses are allowed too, but no other blocked ones.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        embedded_ipv4 = _embedded_ipv4(ip)
        if embedded_ipv4 is None:
            return _is_ipv6_allowed(ip, allow_loopback=allow_loopback)
        ip = embedded_ipv4
    if ip.is_loopback:
        return allow_loopback
    return not any(ip in network for network in _BLOCKED_IPV4_NETWORKS)


def is_loopback(address: str) -> bool:
    """Return whether this is a loopback address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_loopback


def is_canonical_host(host: str) -> bool:
    """Return whether a host is a DNS name, or an address in its canonical notation.

    Names consist of ASCII letters, digits, hyphens and underscores. A host whose last label is a
    number is an IPv4 address for browsers (WHATWG URL, «ends in a number»), so 127.1, 2130706433,
    0x7f.1, 0177.0.0.1 and 127.0.0.1. are rejected as obfuscated addresses.
    """
    if ":" in host:
        try:
            return IPv6Address(host).scope_id is None
        except ValueError:
            return False
    if len(host) > 254 or not _HOST_NAME.fullmatch(host):
        return False
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64_NETWORK:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_ipv6_allowed(address: IPv6Address, *, allow_loopback: bool) -> bool:
    if address.is_loopback:
        return allow_loopback
    return address in _PUBLIC_IPV6_NETWORK and not any(
        address in network for network in _BLOCKED_IPV6_NETWORKS
    )
