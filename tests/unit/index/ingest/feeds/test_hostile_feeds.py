"""Feeds that are damaged, or made to break what reads them, and feedparser's own set of them."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from index.ingest.feeds.change_digest import stable_digest
from index.ingest.feeds.models import Feed
from index.ingest.feeds.reader import read_feed
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import SandboxResponse, read_feed_in_sandbox
from tests.fixtures.feed_documents import NEWS, SITE, STORY, atom, deadline, given, item, only, rss
from tests.unit.index.ingest.feeds.test_html_listing import CARDS, page
from tests.unit.index.ingest.feeds.test_json_feed import feed as json_feed
from tests.unit.index.ingest.feeds.test_sitemap import NEWS as SITEMAP

GOOD = tuple(
    text.encode()
    for text in (
        rss(
            item(description=f"<p>{NEWS}</p>", content__encoded=STORY, pubDate="2026-03-06"), item()
        ),
        atom(
            f'<entry xml:base="{SITE}"><title type="html">&lt;b&gt;</title><link href="/1"/></entry>'
        ),
        json_feed(
            {"url": f"{SITE}/1", "content_html": f"<p>{NEWS}", "date_published": "2026-03-06"}
        ),
        SITEMAP,
        page(CARDS, '<link rel="alternate" type="application/rss+xml" href="/feed/">'),
    )
)
LINKED = re.compile(
    rb"<(?:item|entry)\b(?:(?!</?(?:source|item|entry)\b|rel=|expect).)*?"
    rb"(?:<link>\s*http|<link(?:(?!rel=)[^<>])*href=.http|<guid>\s*http|origlink>\s*http)",
    re.IGNORECASE | re.DOTALL,
)
"""An entry with an address beside it, of which nothing says that it leads elsewhere."""


BLOWS = (
    *(
        b"",
        b"<",
        b">",
        b"&",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"\x00",
        b"\xff",
        b'"',
        b"&#x;",
        b"<item>",
    ),
    *(b"</item>", b"<a b=", b"&amp;#1;", b"{", b"\\ud800", b"<!DOCTYPE x [", b"<?"),
)


OPENING = re.compile(rb"<(item|entry)((?:\s[^<>]*[^/<>])?)>", re.IGNORECASE)
ADDRESS = rb"<\1\2><link href='https://sada.example/1'>https://sada.example/1</link>"


def outcome(content: bytes) -> Feed | RejectReason:
    try:
        return read_feed(content, given())
    except SourceRejected as refused:
        return refused.reason


@settings(deadline=None)
@drawn(st.binary(max_size=2_000))
def test_any_bytes_are_a_feed_or_refused(content: bytes) -> None:
    assert isinstance(outcome(content), (Feed, RejectReason))
    stable_digest(content)


@settings(deadline=None, max_examples=300)
@drawn(
    st.sampled_from(GOOD),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 40),
            st.sampled_from(BLOWS),
        ),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 1),
)
def test_a_damaged_feed_is_read_or_refused(
    content: bytes, blows: list[tuple[float, int, bytes]], cut: float
) -> None:
    for where, length, instead in blows:
        start = int(where * len(content))
        content = content[:start] + instead + content[start + length :]
    content = content[: int((0.3 + cut) * len(content))]
    assert isinstance(outcome(content), (Feed, RejectReason))
    stable_digest(content)


NASTY = {
    "an empty element": b"<rss/>",
    "a bomb": b'<!DOCTYPE r [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]><rss><channel><item>&b;</item></channel></rss>',
    "open elements": b"<rss><channel>" + b"<item>" * 5_000,
    "an element in an element": b"<rss>" + b"<a>" * 20_000 + b"&",
    "thousands of attributes": b"<rss "
    + b" ".join(b'a%d="1"' % n for n in range(60_000))
    + b"><item/></rss>",
    "dots": rss(item(description="." * 200_000)).encode(),
    "ampersands": b"<rss><item><title>" + b"&" * 100_000,
    "open tags": b"<rss><item><title>" + b"<" * 100_000,
    "open comments": b"<rss><item>" + b"<!--" * 50_000,
    "open sections": b"<rss><item>" + b"<![CDATA[" * 20_000,
    "namespaces": b"<rss "
    + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(5_000))
    + b"><item/></rss>",
    "arrays": b'{"items":' + b"[" * 100_000,
    "objects": b'{"a":' * 100_000,
    "a page of elements": b"<html>" + b"<div>" * 100_000,
    "cards": b"<html><div>" + b"".join(b'<a href="/%d">x</a>' % n for n in range(8_000)),
    "numbers": b"<rss><item><title>"
    + b"&#x110000;&#99999999999;" * 1_000
    + b"</title></item></rss>",
}


@pytest.mark.parametrize("content", NASTY.values(), ids=NASTY.keys())
def test_what_is_made_to_break_its_reader_does_not(content: bytes) -> None:
    with deadline(20):
        assert isinstance(outcome(content), (Feed, RejectReason))
        stable_digest(content)


def test_every_file_of_feedparser_s_own_set_is_read_or_refused(evaluation_sets: Path) -> None:
    files = linked = with_entries = linked_read = given_one = given_one_read = 0
    with tarfile.open(evaluation_sets / "hard" / "feedparser_tests.tar.gz") as archive:
        for member in archive:
            held = archive.extractfile(member)
            if held is None:
                continue
            content = held.read()
            files += 1
            with deadline(20):
                found = outcome(content)
            assert isinstance(found, Feed) or not member.name.startswith("tests/wellformed")
            has_entries = isinstance(found, Feed) and bool(found.entries)
            with_entries += has_entries
            if member.name.endswith(".xml") and LINKED.search(content):
                linked += 1
                linked_read += has_entries
            # Most of them hold one element of one entry and no address, so they are given one.
            with_address = OPENING.sub(ADDRESS, content)
            if with_address != content:
                with deadline(20):
                    found = outcome(with_address)
                given_one += 1
                given_one_read += isinstance(found, Feed) and bool(found.entries)
    assert files > 2_100
    assert with_entries >= 100
    assert linked_read >= 0.98 * linked > 30
    assert given_one_read >= 0.98 * given_one > 1_000


def test_a_feed_is_read_apart_as_it_is_in_this_process() -> None:
    for content in GOOD:
        assert read_feed_in_sandbox(content, given()) == read_feed(content, given())


def test_a_refusal_of_a_feed_comes_back_as_it_was() -> None:
    with pytest.raises(SourceRejected, match="neither a feed nor a sitemap") as found:
        read_feed_in_sandbox(b"nothing", given())
    assert found.value.reason is RejectReason.NO_FEED
    assert "list" in found.value.remedy


def test_a_feed_that_takes_too_long_is_killed_and_the_next_is_read() -> None:
    nested = b"<rss><channel><item>" + b"<a>" * 3_330_000 + b"</item>"  # ten million bytes
    with pytest.raises(SourceRejected) as found:
        read_feed_in_sandbox(nested, given(), seconds=0.7)
    assert found.value.reason is RejectReason.TOO_COMPLEX
    assert len(read_feed_in_sandbox(GOOD[0], given()).entries) == 2


def test_a_bomb_of_entities_is_read_apart_without_harm() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>'
        + rss(item(description="x")).partition("?>")[2]
    )
    entry = only(
        read_feed_in_sandbox(bomb.replace(">x<", ">&l11;<").encode(), given(), megabytes=300)
    )
    assert entry.url == f"{SITE}/1"


def test_a_feed_that_takes_too_much_memory_is_refused() -> None:
    with pytest.raises(SourceRejected) as found:
        read_feed_in_sandbox(GOOD[0], given(), megabytes=30)
    assert found.value.reason is RejectReason.TOO_COMPLEX


def test_a_reply_with_a_feed_survives_its_way() -> None:
    reply = SandboxResponse(feed=read_feed(GOOD[0], given()))
    assert SandboxResponse.model_validate_json(reply.model_dump_json()) == reply
