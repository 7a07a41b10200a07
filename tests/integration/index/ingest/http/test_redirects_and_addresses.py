"""Where a fetch may lead: redirects, addresses in disguise, names that change, and whatever else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.http.fetcher import MAX_REDIRECTS
from index.ingest.rejections import RejectReason, SourceRejected
from tests.fakes.web.resolver import Names
from tests.fakes.web.site import Site
from tests.fixtures.fetching import STORY, read, refusal


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as open_site:
        yield open_site


def test_redirects_are_followed_and_the_last_address_is_the_pages(site: Site) -> None:
    page = site.page("/ar/خبر", STORY)
    for status in (301, 302, 303, 307, 308):
        site.redirect("/ar/short", "خبر#part", status)
        found = read(site.url("/ar/short"))
        assert found.content == STORY.encode()
        assert found.url == page.replace("خبر", "%D8%AE%D8%A8%D8%B1")
    site.redirect("/old", f"//127.0.0.1:{site.port}/ar/short?a=1")
    assert read(site.url("/old")).content == STORY.encode()


def test_a_redirect_in_the_letters_of_windows_is_followed_as_it_was_written(site: Site) -> None:
    place = "/خبر".encode("windows-1256")
    site.raw("/1256", b"HTTP/1.1 302 Found\r\nLocation: " + place + b"\r\n\r\n")
    assert refusal(site.url("/1256")) == RejectReason.NOT_FOUND
    assert site.asked[-1].path == "/%CE%C8%D1"


def test_five_redirects_are_followed_and_no_sixth(site: Site) -> None:
    site.page("/hop0", STORY)
    for hop in range(1, MAX_REDIRECTS + 2):
        site.redirect(f"/hop{hop}", f"/hop{hop - 1}")
    assert MAX_REDIRECTS == 5
    assert read(site.url("/hop5")).content == STORY.encode()
    assert refusal(site.url("/hop6")) == RejectReason.TOO_MANY_REDIRECTS
    site.redirect("/loop", "/loop")
    assert refusal(site.url("/loop")) == RejectReason.TOO_MANY_REDIRECTS


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("file:///etc/passwd", RejectReason.INVALID_URL),
        ("ftp://sada.example/", RejectReason.INVALID_URL),
        ("javascript:alert(1)", RejectReason.INVALID_URL),
        ("data:text/html,a", RejectReason.INVALID_URL),
        ("http://[]@", RejectReason.INVALID_URL),
        ("http://user:word@127.0.0.1/", RejectReason.INVALID_URL),
        ("http://169.254.169.254/latest/meta-data/", RejectReason.PRIVATE_ADDRESS),
        ("http://10.0.0.1/", RejectReason.PRIVATE_ADDRESS),
        ("//192.168.0.1/", RejectReason.PRIVATE_ADDRESS),
        ("http://[::ffff:10.0.0.1]/", RejectReason.PRIVATE_ADDRESS),
        ("http://0xa000001/", RejectReason.INVALID_URL),
        ("http://inside.example/", RejectReason.PRIVATE_ADDRESS),
    ],
)
def test_a_redirect_opens_no_door_that_was_closed(
    site: Site, to: str, expected: RejectReason
) -> None:
    site.redirect("/door", to)
    assert refusal(site.url("/door"), Names(inside_example=["172.16.0.9"])) == expected


def test_this_machine_is_closed_unless_a_setting_opens_it(site: Site) -> None:
    site.page("/", STORY)
    request_count = len(site.asked)
    names = Names(sada_example=["127.0.0.1"], six_example=["::1"], mapped_example=["::ffff:7f00:1"])
    for host in ("127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "sada.example"):
        assert (
            refusal(site.url("/", host), names, allow_loopback=False)
            == RejectReason.PRIVATE_ADDRESS
        )
    for host in ("six.example", "mapped.example"):
        assert (
            refusal(site.url("/", host), names, allow_loopback=False)
            == RejectReason.PRIVATE_ADDRESS
        )
    assert len(site.asked) == request_count
    assert read(site.url("/", "sada.example"), names).content == STORY.encode()


def test_localhost_is_looked_up_like_any_other_name(site: Site) -> None:
    site.page("/", STORY)
    assert read(site.url("/", "localhost")).content == STORY.encode()
    assert refusal(site.url("/", "localhost"), allow_loopback=False) == RejectReason.PRIVATE_ADDRESS


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.1..",
        "１２７.０.０.１.",
        "①②⑦.1",
        "127。1",
        "0",
        "%31%32%37.0.0.1",
        "[::1%25lo]",
        "[fe80::1%25eth0]",
        "a..example",
        "-",
    ],
)
def test_an_address_in_disguise_reaches_nobody(site: Site, host: str) -> None:
    request_count = len(site.asked)
    assert refusal(site.url("/", host), Names()) in (
        RejectReason.INVALID_URL,
        RejectReason.UNREACHABLE,
    )
    assert len(site.asked) == request_count


@pytest.mark.parametrize("host", ["１２７.０.０.１", "①②⑦.0.0.1", "127。0。0。1"])
def test_full_width_digits_are_the_address_that_they_spell(site: Site, host: str) -> None:
    address = site.url("/", host)
    assert refusal(address, allow_loopback=False) == RejectReason.PRIVATE_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sada.example/news",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://",
        "http:///path",
        "http://user@127.0.0.1/",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://[::1/",
        "http://[]@",
        "http://a b/",
        "http://127.0.0.1\\@sada.example/",
        "http://127.0.0.1/" + "a" * 9_000,
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 200 + "example/",
        "gopher://127.0.0.1:70/",
    ],
)
def test_what_is_no_web_address_is_refused_before_anything_is_asked(address: str) -> None:
    assert refusal(address, Names()) == RejectReason.INVALID_URL


def test_only_the_ports_of_pages_are_reached() -> None:
    for port in (22, 25, 6379, 3306, 11_211):
        names = Names(sada_example=["8.8.8.8"])  # refused before a connection is tried
        assert refusal(f"http://sada.example:{port}/", names) == RejectReason.INVALID_URL


def test_a_name_that_changes_its_address_between_two_hops_is_caught(site: Site) -> None:
    """First the answer that is allowed, then one that is not: as in DNS rebinding."""
    site.page("/second", STORY)
    site.redirect("/first", f"http://sada.example:{site.port}/second")
    steady = Names(sada_example=["127.0.0.1"])
    assert read(site.url("/first", "sada.example"), steady).content == STORY.encode()
    for inside in ("169.254.169.254", "10.0.0.1", "fd00:ec2::254", "::ffff:192.168.1.1"):
        turning = Names(sada_example=["127.0.0.1", inside])
        assert refusal(site.url("/first", "sada.example"), turning) == RejectReason.PRIVATE_ADDRESS


def test_of_a_names_addresses_only_the_open_ones_are_connected_to(site: Site) -> None:
    site.page("/", STORY)
    for both in ("10.0.0.1 127.0.0.1", "fd00::1 127.0.0.1", "127.0.0.1 10.0.0.1"):
        found = read(site.url("/", "sada.example"), Names(sada_example=[both]))
        assert found.content == STORY.encode()
    closed = Names(sada_example=["10.0.0.1 fd00::1 169.254.169.254"])
    assert refusal(site.url("/", "sada.example"), closed) == RejectReason.PRIVATE_ADDRESS


def test_a_resolver_that_names_no_address_opens_no_second_lookup() -> None:
    assert refusal("http://sada.example/", Names(sada_example=["localhost"])) in (
        RejectReason.PRIVATE_ADDRESS,
        RejectReason.UNREACHABLE,
    )


ODD_ADDRESSES = st.one_of(
    st.text(max_size=80),
    st.builds("http://{}".format, st.text(max_size=60)),
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "HTTPS", "hTTp"]),
        st.text("abc.:@[]%-_0xéخ。０/\\", max_size=30),
        st.sampled_from(["", "/", ":80", "#", "?"]),
        st.text(max_size=20),
    ),
)


@given(address=ODD_ADDRESSES)
def test_whatever_is_given_for_an_address_is_refused_and_never_crashes(address: str) -> None:
    refusal(address, Names(), allow_loopback=False)


@given(location=st.text(st.characters(blacklist_characters="\r\n\0"), max_size=60))
def test_wherever_a_site_sends_on_to_never_crashes(site: Site, location: str) -> None:
    sent = location.encode("utf-8", "surrogatepass")
    site.raw("/fuzz", b"HTTP/1.1 302 Found\r\nLocation: " + sent + b"\r\n\r\n")
    with suppress(SourceRejected):
        read(site.url("/fuzz"), Names())


@given(answer=st.binary(max_size=200))
def test_whatever_a_site_answers_never_crashes(site: Site, answer: bytes) -> None:
    address = site.raw("/bin", b"HTTP/1.1 200 OK\r\n" + answer)
    with suppress(SourceRejected):
        read(address, Names())
