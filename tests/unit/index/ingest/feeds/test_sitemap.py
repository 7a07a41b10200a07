"""Reading of sitemaps: of articles, of news, sitemap indexes, compressed, and in plain text."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime

from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.models import DateProvenance
from tests.fixtures.feed_documents import SITE, only, read, rejection_reason

NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    f"<url><loc>{SITE}/1</loc><lastmod>2026-03-07</lastmod><image:image><image:title>لا</image:title>"
    f"<image:loc>{SITE}/1.jpg</image:loc></image:image><news:news><news:publication><news:name>صدى النور</news:name>"
    "<news:language>ar</news:language></news:publication>"
    "<news:publication_date>2026-03-06T10:00:00+00:00</news:publication_date>"
    "<news:title>وصول الوفد &amp;amp; رحيله</news:title></news:news></url></urlset>"
)


def test_a_news_sitemap_has_titles_and_dates() -> None:
    feed = read(f'<?xml version="1.0" encoding="UTF-8"?>{NEWS}')
    assert (feed.kind, feed.title, feed.language) == (FeedKind.SITEMAP, "صدى النور", "ar")
    entry = only(feed)
    assert (entry.url, entry.title) == (f"{SITE}/1", "وصول الوفد & رحيله")
    assert (entry.published, entry.date_found) == (
        datetime(2026, 3, 6, 10, tzinfo=UTC),
        DateProvenance.GIVEN,
    )


def test_last_modification_dates_are_uncertain_but_determine_the_order() -> None:
    urls = "".join(
        f"<url><loc>{SITE}/{day}</loc><lastmod>2026-03-0{day}</lastmod></url>" for day in (1, 3, 2)
    )
    entries = read(f"<urlset>{urls}</urlset>").entries
    assert [entry.published for entry in entries] == [date(2026, 3, day) for day in (3, 2, 1)]
    assert {entry.date_found for entry in entries} == {DateProvenance.UNCERTAIN}


def test_the_parts_of_a_sitemap_come_newest_first() -> None:
    def parts(*dated_names: tuple[str, str]) -> list[str]:
        sitemaps = "".join(
            f"<sitemap><loc>{SITE}/{name}.xml</loc>{day and f'<lastmod>{day}</lastmod>'}</sitemap>"
            for name, day in dated_names
        )
        feed = read(f"<sitemapindex>{sitemaps}</sitemapindex>")
        assert feed.entries == ()
        return [part.removeprefix(f"{SITE}/").removesuffix(".xml") for part in feed.parts]

    assert parts(("a", "2026-01-01"), ("b", "2026-03-01"), ("c", "2026-02-01")) == ["b", "c", "a"]
    assert parts(("a-1", ""), ("news", ""), ("a-2", "")) == ["news", "a-2", "a-1"]
    assert parts(("a", ""), ("b", "2026-03-01")) == ["b", "a"]


def test_a_compressed_sitemap_is_read_even_if_truncated() -> None:
    compressed = gzip.compress(NEWS.encode())
    assert only(read(compressed)).url == f"{SITE}/1"
    many = "".join(f"<url><loc>{SITE}/{number * 7919}</loc></url>" for number in range(2_000))
    whole = gzip.compress(f"<urlset>{many}</urlset>".encode())
    assert 100 < len(read(whole[: len(whole) // 2]).entries) < 2_000


def test_a_decompression_bomb_is_rejected() -> None:
    assert (
        rejection_reason(gzip.compress(b"<urlset>" + b" " * 20_000_000)) is RejectReason.TOO_LARGE
    )
    assert rejection_reason(b"\x1f\x8b\x08\x00garbage garbage") is RejectReason.DAMAGED


def test_the_complete_addresses_of_a_truncated_sitemap_are_kept() -> None:
    assert (
        only(read(f"<urlset><url><loc>{SITE}/1</loc></url><url><loc>{SITE}/tw")).url == f"{SITE}/1"
    )


def test_external_entities_are_not_resolved() -> None:
    doctype = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    feed = read(f"{doctype}<urlset><url><loc>{SITE}/&x;</loc></url></urlset>")
    assert "root" not in feed.model_dump_json()


def test_lines_of_addresses_are_a_sitemap_only_with_a_text_content_type_or_name() -> None:
    lines = f"{SITE}/1\n\n{SITE}/2\n"
    assert len(read(lines, content_type="text/plain").entries) == 2
    assert len(read(lines, url=f"{SITE}/sitemap.txt").entries) == 2
    assert rejection_reason(lines) is RejectReason.NO_FEED
    assert rejection_reason("خبر\nآخر\n", content_type="text/plain") is RejectReason.NO_FEED
