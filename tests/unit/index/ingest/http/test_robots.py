"""What a robots.txt asks of us."""

from __future__ import annotations

import codecs
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.http.robots import (
    ALLOW_ALL,
    DISALLOW_ALL,
    MAX_CRAWL_DELAY_SECONDS,
    MAX_ROBOTS_BYTES,
    MAX_RULE_LENGTH,
    MAX_WILDCARDS,
    USER_AGENT,
    decode_robots,
    parse_robots,
)

SITE = "https://sada.example"


def may(robots: str, path: str) -> bool:
    return parse_robots(robots).can_fetch(SITE + path)


def test_the_whole_site_may_be_read_or_nothing_of_it() -> None:
    assert ALLOW_ALL.can_fetch(f"{SITE}/news/1")
    assert not DISALLOW_ALL.can_fetch(f"{SITE}/news/1")
    assert (ALLOW_ALL.crawl_delay, ALLOW_ALL.sitemaps) == (0.0, ())


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", "/news/1", True),
        ("User-agent: *\nDisallow: /private", "/private/1", False),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True),
        ("User-agent: *\nAllow: /\nDisallow: /news/old", "/news/old/1", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("User-agent: *\nDisallow: /*?print=", "/news/1?print=1", False),
        ("User-agent: *\nDisallow:", "/news/1", True),
        ("Disallow: /", "/news/1", True),
        ("USER-AGENT : * # all\r\ndisallow : / # everything", "/news/1", False),
        ("User-agent: *\rDisallow: /", "/news/1", False),
        ("user agent *\ndisallow /", "/news/1", False),
        ("User-agent: *\nDissallow: /", "/news/1", False),
        ("<html><body>User-agent: nobody; Disallow: /</body></html>", "/news/1", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules_are_those_of_the_standard_and_of_common_mistakes(
    robots: str, path: str, allowed: bool
) -> None:
    assert may(robots, path) is allowed


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (f"User-agent: {USER_AGENT}\nDisallow: /", False),
        (f"User-agent: {USER_AGENT.upper()}/1.0 (+https://a.example)\nDisallow: /", False),
        (f"User-agent: *\nDisallow: /\nUser-agent: {USER_AGENT}\nAllow: /", True),
        (f"User-agent: {USER_AGENT}\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        (f"User-agent: a\nUser-agent: {USER_AGENT}\nUser-agent: b\nDisallow: /", False),
        (f"User-agent: {USER_AGENT}\nsome words\nUser-agent: b\nDisallow: /", False),
        (f"User-agent: {USER_AGENT}\nSitemap: /s\nUser-agent: b\nDisallow: /", False),
        (f"User-agent: {USER_AGENT}\nDisallow: /x\nUser-agent: b\nDisallow: /", True),
        (f"User-agent: {USER_AGENT}\nDisallow: /x\nUser-agent: b\nDisallow: /\nUser-agent: {USER_AGENT}\nDisallow: /n", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: libya\nDisallow: /", True),
        ("User-agent: my-libya-briefing\nDisallow: /", True),
        ("User-agent: libya-briefing-copy\nDisallow: /", True),
        ("User-agent: others\nDisallow: /", True),
        ("User-agent: *bot\nDisallow: /", True),
        ("User-agent:\nDisallow: /", True),
    ],
)  # fmt: skip
def test_rules_for_others_are_none_of_ours_and_those_for_us_come_first(
    robots: str, allowed: bool
) -> None:
    assert may(robots, "/news/1") is allowed


@given(st.text(st.characters(exclude_categories=["Cs", "C"]), min_size=1, max_size=9))
def test_a_path_in_percents_is_the_path_in_letters(words: str) -> None:
    encoded = quote(words, safe="")
    assert not may(f"User-agent: *\nDisallow: /x{encoded}", f"/x{encoded}/1")
    assert may(f"User-agent: *\nDisallow: /x{encoded}", f"/y{encoded}/1")
    if words.isalnum():
        assert not may(f"User-agent: *\nDisallow: /x{words}", f"/x{encoded}/1")
        assert not may(f"User-agent: *\nDisallow: /x{encoded}", f"/x{words}/1")


NEWS = "User-agent: *\nDisallow: /أخبار/قديمة"


@pytest.mark.parametrize(
    "content",
    [
        NEWS.encode(),
        codecs.BOM_UTF8 + NEWS.encode(),
        NEWS.encode("utf-16"),
        NEWS.encode("utf-16-le"),
        NEWS.encode("cp1256"),
    ],
)
def test_any_encoding_is_read(content: bytes) -> None:
    robots = parse_robots(decode_robots(content))
    assert not robots.can_fetch(f"{SITE}/أخبار/قديمة/1")
    assert not robots.can_fetch(f"{SITE}/{quote('أخبار/قديمة')}/1")
    assert robots.can_fetch(f"{SITE}/أخبار/1")


@pytest.mark.parametrize(
    ("rule", "delay"),
    [
        ("", 0.0),
        ("Crawl-delay: 10", 10.0),
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 86400", MAX_CRAWL_DELAY_SECONDS),
        ("Crawl-delay: soon", 0.0),
        ("Crawl-delay: -3", 0.0),
        ("Crawl-delay: nan", 0.0),
        ("Request-rate: 1/5", 5.0),
        ("Request-rate: 4/1m", 15.0),
        ("Request-rate: 1/5\nCrawl-delay: 2", 5.0),
        ("Request-rate: 1/5\nCrawl-delay: 9", 9.0),
        ("Request-rate: 1/1d 0600-0845", MAX_CRAWL_DELAY_SECONDS),
        (f"Request-rate: 1/{'9' * 4_000}", MAX_CRAWL_DELAY_SECONDS),
        (f"Request-rate: {'9' * 4_000}/1", 0.0),
        ("Request-rate: 0/0", 0.0),
    ],
)
def test_the_time_between_requests_is_what_the_site_asks_for_within_reason(
    rule: str, delay: float
) -> None:
    assert parse_robots(f"User-agent: *\n{rule}").crawl_delay == delay
    assert parse_robots(f"User-agent: other\n{rule}").crawl_delay == 0.0


def test_sitemaps_are_absolute_addresses_each_once() -> None:
    robots = parse_robots(
        "Sitemap: https://sada.example/a.xml\nUser-agent: x\nDisallow: /\n"
        "sitemap:https://sada.example/b.xml\nSitemap: /c.xml\nSitemap: ftp://sada.example/d.xml\n"
        "Sitemap: https://sada.example/a.xml\nSitemap: https://[::1/e.xml\nSitemap: https:///f.xml"
    )
    assert robots.sitemaps == ("https://sada.example/a.xml", "https://sada.example/b.xml")


def test_what_is_beyond_the_first_500_kib_is_not_read_nor_the_line_that_is_cut() -> None:
    rules = b"User-agent: *\nDisallow: /a\n"
    filling = b"#" * (MAX_ROBOTS_BYTES - len(rules) - 12) + b"\n"
    whole = decode_robots(rules + filling + b"Disallow: /b")
    assert parse_robots(whole).can_fetch(f"{SITE}/b")
    cut = rules + filling + b"Disallow: /news/old"
    assert cut[:MAX_ROBOTS_BYTES].endswith(b"Disallow: /")
    robots = parse_robots(decode_robots(cut))
    assert robots.can_fetch(f"{SITE}/news/1")
    assert not robots.can_fetch(f"{SITE}/a")


@pytest.mark.parametrize("line", [b"Disallow: /\xff\n", "Disallow: /أ\n".encode("cp1256"), b"\0\n"])
def test_no_text_is_longer_than_500_kib_whatever_its_encoding(line: bytes) -> None:
    text = decode_robots(b"User-agent: *\n" + line * (MAX_ROBOTS_BYTES // len(line)))
    assert len(text.encode()) <= MAX_ROBOTS_BYTES


def test_rules_beyond_what_is_matched_are_kept_to_by_how_they_begin() -> None:
    many = "".join(f"Disallow: /{n}/*x\n" for n in range(MAX_WILDCARDS))
    robots = parse_robots(f"User-agent: *\n{many}Disallow: /a/*.pdf\nAllow: /b/c*d\nDisallow: /b")
    assert robots.can_fetch(f"{SITE}/0/y")
    assert not robots.can_fetch(f"{SITE}/a/story")
    assert not robots.can_fetch(f"{SITE}/b/c")
    assert not parse_robots(f"User-agent: *\n{many}Disallow: *.pdf").can_fetch(f"{SITE}/news")
    longest = "a" * (MAX_RULE_LENGTH + 1)
    assert not parse_robots(f"User-agent: *\nDisallow: /{longest}").can_fetch(f"{SITE}/{longest}")


def test_wildcards_for_others_do_not_count() -> None:
    others = "".join(f"Disallow: /{n}/*x\n" for n in range(MAX_WILDCARDS))
    everybody = "User-agent: *\nDisallow: /x\n"
    robots = f"{everybody}User-agent: other\n{others}User-agent: *\nDisallow: /a/*.pdf"
    assert may(robots, "/a/story")
    assert not may(robots, "/a/b.pdf")


HARD = "https://sada.example/" + "a" * 3_900


@pytest.mark.parametrize(
    "robots",
    [
        "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(30_000)),
        "User-agent: *\n" + "".join(f"Disallow:/*{'a' * 25}b{'a' * 25}{n}\n" for n in range(9_000)),
        "User-agent: *\nDisallow: /" + "*a" * 240_000 + "b",
        "User-agent: *\n" + ("Disallow: /" + "*a" * 900 + "*b\n") * 250,
        "".join(f"User-agent: a{n}\n" for n in range(14_000)) + "".join(f"Disallow: /{n}\n" for n in range(14_000)),
        "".join(f"User-agent: a{n}\nDisallow: /{n}\n" for n in range(12_000)),
        "".join(f"User-agent: a{n}\n" for n in range(14_000)) + "User-agent: *\n" + "Disallow: /a\n" * 14_000,
        "".join(f"Sitemap: https://sada.example/{n}\n" for n in range(14_000)),
        "User-agent: *\n" + "Disallow: /$$$$$$$$$$$$$$$$$$$$$$$$$$\n" * 12_000,
        "user " * 100_000,
        "User-agent" + " " * 400_000 + "x",
        ":" * 500_000,
    ],
)  # fmt: skip
def test_a_file_made_to_be_hard_is_answered_from_soon(robots: str, must_end: None) -> None:
    read = parse_robots(decode_robots(robots.encode()))
    for _ in range(20):
        read.can_fetch(HARD)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.builds(
                "{}{}{}".format,
                st.sampled_from(["User-agent", "Disallow", "Allow", "Crawl-delay", "Request-rate", "Visit-time", "Sitemap", "Host", ""]),
                st.sampled_from([":", ": ", " ", ""]),
                st.text(st.sampled_from("*/$%a1.-:#?\ufeff\x00é\u2028[]"), max_size=9),
            ),
            max_size=8,
        ).map(lambda lines: "\n".join(lines).encode()),
    ),
    st.one_of(st.text(max_size=30), st.text("a/?#%[]:.", max_size=20).map("https://".__add__)),
)  # fmt: skip
def test_no_bytes_and_no_address_make_it_fail(content: bytes, address: str) -> None:
    robots = parse_robots(decode_robots(content))
    assert robots.can_fetch(address) in {True, False}
    assert 0 <= robots.crawl_delay <= MAX_CRAWL_DELAY_SECONDS


@pytest.mark.parametrize("address", ["http://[::1", "https://[a/b?c"])
def test_what_is_no_address_may_not_be_fetched(address: str) -> None:
    assert not parse_robots("User-agent: *\nDisallow: /x").can_fetch(address)
