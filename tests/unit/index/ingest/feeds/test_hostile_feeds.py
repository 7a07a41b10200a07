"""Damaged and malicious feeds, and feedparser's own test set."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.ingest.feeds.change_digest import stable_digest
from index.ingest.feeds.models import Feed
from index.ingest.feeds.reader import read_feed
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import SandboxResponse, read_feed_in_sandbox
from tests.fixtures.feed_documents import NEWS, SITE, STORY, atom, deadline, hints, item, only, rss
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
ENTRY_WITH_LINK = re.compile(
    rb"<(?:item|entry)\b(?:(?!</?(?:source|item|entry)\b|rel=|expect).)*?"
    rb"(?:<link>\s*http|<link(?:(?!rel=)[^<>])*href=.http|<guid>\s*http|origlink>\s*http)",
    re.IGNORECASE | re.DOTALL,
)
"""An entry with a link to its article."""


FRAGMENTS = (
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


ENTRY_START = re.compile(rb"<(item|entry)((?:\s[^<>]*[^/<>])?)>", re.IGNORECASE)
ENTRY_START_WITH_LINK = rb"<\1\2><link href='https://sada.example/1'>https://sada.example/1</link>"


def outcome(content: bytes) -> Feed | RejectReason:
    try:
        return read_feed(content, hints())
    except SourceRejected as rejected:
        return rejected.reason


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_feed_or_rejected(content: bytes) -> None:
    assert isinstance(outcome(content), (Feed, RejectReason))
    stable_digest(content)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(GOOD),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 40),
            st.sampled_from(FRAGMENTS),
        ),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 1),
)
def test_a_damaged_feed_is_read_or_rejected(
    content: bytes, replacements: list[tuple[float, int, bytes]], cut: float
) -> None:
    for position, length, fragment in replacements:
        start = int(position * len(content))
        content = content[:start] + fragment + content[start + length :]
    content = content[: int((0.3 + cut) * len(content))]
    assert isinstance(outcome(content), (Feed, RejectReason))
    stable_digest(content)


MALICIOUS = {
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


@pytest.mark.parametrize("content", MALICIOUS.values(), ids=MALICIOUS.keys())
def test_a_malicious_feed_is_read_or_rejected_in_time(content: bytes) -> None:
    with deadline(20):
        assert isinstance(outcome(content), (Feed, RejectReason))
        stable_digest(content)


def test_every_file_of_feedparsers_test_set_is_read_or_rejected(evaluation_sets: Path) -> None:
    files = linked = with_entries = linked_read = link_added = link_added_read = 0
    with tarfile.open(evaluation_sets / "hard" / "feedparser_tests.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None:
                continue
            content = file.read()
            files += 1
            with deadline(20):
                result = outcome(content)
            assert isinstance(result, Feed) or not member.name.startswith("tests/wellformed")
            has_entries = isinstance(result, Feed) and bool(result.entries)
            with_entries += has_entries
            if member.name.endswith(".xml") and ENTRY_WITH_LINK.search(content):
                linked += 1
                linked_read += has_entries
            # Most files have one element of one entry and no link, so a link is added.
            with_link = ENTRY_START.sub(ENTRY_START_WITH_LINK, content)
            if with_link != content:
                with deadline(20):
                    result = outcome(with_link)
                link_added += 1
                link_added_read += isinstance(result, Feed) and bool(result.entries)
    assert files > 2_100
    assert with_entries >= 100
    assert linked_read >= 0.98 * linked > 30
    assert link_added_read >= 0.98 * link_added > 1_000


def test_the_sandbox_reads_a_feed_as_this_process_does() -> None:
    for content in GOOD:
        assert read_feed_in_sandbox(content, hints()) == read_feed(content, hints())


def test_the_sandbox_returns_a_rejection_unchanged() -> None:
    with pytest.raises(SourceRejected, match="neither a feed nor a sitemap") as raised:
        read_feed_in_sandbox(b"nothing", hints())
    assert raised.value.reason is RejectReason.NO_FEED
    assert "list" in raised.value.remedy


def test_a_feed_that_takes_too_long_is_killed_and_the_next_is_read() -> None:
    nested = b"<rss><channel><item>" + b"<a>" * 3_330_000 + b"</item>"  # ten million bytes
    with pytest.raises(SourceRejected) as raised:
        read_feed_in_sandbox(nested, hints(), seconds=0.7)
    assert raised.value.reason is RejectReason.TOO_COMPLEX
    assert len(read_feed_in_sandbox(GOOD[0], hints()).entries) == 2


def test_the_sandbox_reads_an_entity_bomb_without_harm() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>'
        + rss(item(description="x")).partition("?>")[2]
    )
    entry = only(
        read_feed_in_sandbox(bomb.replace(">x<", ">&l11;<").encode(), hints(), megabytes=300)
    )
    assert entry.url == f"{SITE}/1"


def test_a_feed_that_takes_too_much_memory_is_rejected() -> None:
    with pytest.raises(SourceRejected) as raised:
        read_feed_in_sandbox(GOOD[0], hints(), megabytes=30)
    assert raised.value.reason is RejectReason.TOO_COMPLEX


def test_a_response_with_a_feed_survives_serialisation() -> None:
    response = SandboxResponse(feed=read_feed(GOOD[0], hints()))
    assert SandboxResponse.model_validate_json(response.model_dump_json()) == response
