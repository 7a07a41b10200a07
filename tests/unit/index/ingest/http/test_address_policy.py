"""Which network addresses may be reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.http.address_policy import is_address_allowed, is_canonical_host, is_loopback

CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:8.8.8.8",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
OPEN = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", CLOSED)
def test_a_closed_address_is_closed_whatever_the_setting(address: str) -> None:
    assert not is_address_allowed(address)
    assert not is_address_allowed(address, allow_loopback=True)
    assert not is_loopback(address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_opens_with_the_setting_alone(address: str) -> None:
    assert not is_address_allowed(address)
    assert is_address_allowed(address, allow_loopback=True)
    assert is_loopback(address)


def test_this_machine_behind_nat64_is_no_other_way_in() -> None:
    assert not is_address_allowed("64:ff9b::7f00:1")


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_open(address: str) -> None:
    assert is_address_allowed(address)
    assert not is_loopback(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_open_that_python_does_not_call_global(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_address_allowed(str(address)):
        inside = getattr(address, "ipv4_mapped", None) or address
        assert (inside.is_global and not inside.is_multicast) or str(address).startswith("64:ff9b")


@given(st.ip_addresses(v=4))
def test_an_address_inside_a_newer_one_is_as_open_as_itself(address: IPv4Address) -> None:
    if not address.is_loopback:
        for newer in (f"::ffff:{address}", f"64:ff9b::{address}"):
            assert is_address_allowed(newer) == is_address_allowed(str(address))


@given(st.text(max_size=30))
def test_what_is_no_address_is_closed(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        assert not is_address_allowed(text, allow_loopback=True)
        assert not is_loopback(text)


@pytest.mark.parametrize(
    "host",
    [
        *("a", "sada.example", "sada.example.", "xn--mgbh0fb.example", "1.example", "0x.example"),
        *("a_b.example", "127.0.0.1", "::1", "2001:db8::1"),
    ],
)
def test_names_and_addresses_in_the_usual_writing_are_plain(host: str) -> None:
    assert is_canonical_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "2130706433", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1."),
        *("1.2.3.4.5", "256.1.1.1", "0x", "a.0x", "a.1", "0", "fe80::1%1", "::g"),
        *("", ".", "..", "a..b", ".a", "a b", "a%2e", "a\\b", "مثال", "A.example"),
        *("a" * 64, ".".join(["a"] * 200)),
    ],
)
def test_disguises_are_not_plain(host: str) -> None:
    assert not is_canonical_host(host)
