"""Reading of JSON Feed, valid and broken."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from tests.fixtures.feed_documents import NEWS, SITE, STORY, only, read, rejection_reason

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: object, **fields: object) -> str:
    return json.dumps({"version": VERSION, "title": "صدى النور", **fields, "items": items})


def test_all_fields_of_a_json_feed_are_read() -> None:
    item = {
        "id": 7,
        "url": "/1",
        "title": "وصول الوفد",
        "summary": NEWS,
        "content_html": f"<p>{STORY}</p>",
        "date_published": "2026-03-06T10:00:00Z",
        "authors": [{"name": "سالم الوادي"}, {"name": "نورة الساحلي"}],
    }
    parsed = read(feed(item, language="ar-LY", home_page_url=SITE))
    assert (parsed.kind, parsed.title, parsed.language) == (FeedKind.JSON, "صدى النور", "ar")
    assert parsed.page == SITE
    entry = only(parsed)
    assert (entry.id, entry.url, entry.summary) == ("7", f"{SITE}/1", NEWS)
    assert (entry.author, entry.content) == ("سالم الوادي, نورة الساحلي", STORY.strip())
    assert entry.published == datetime(2026, 3, 6, 10, tzinfo=UTC)


def test_the_first_version_and_plain_text_are_read_too() -> None:
    item = {
        "id": f"{SITE}/1",
        "content_text": f"{NEWS} < 3.\n\n{NEWS}.",
        "author": {"name": "سالم الوادي"},
    }
    entry = only(read(feed(item, version="https://jsonfeed.org/version/1")))
    assert (entry.url, entry.author) == (f"{SITE}/1", "سالم الوادي")
    assert entry.summary == f"{NEWS} < 3.\n\n{NEWS}."


def test_an_item_of_wrong_types_does_not_affect_the_others() -> None:
    bad = {
        "id": [],
        "url": {},
        "title": 5,
        "content_html": None,
        "authors": "x",
        "date_published": True,
    }
    parsed = read(feed(None, "x", bad, {"id": 1, "url": f"{SITE}/1"}))
    assert only(parsed).url == f"{SITE}/1"


def test_the_complete_items_of_a_truncated_json_feed_are_kept() -> None:
    whole = feed({"url": f"{SITE}/1"}, {"url": f"{SITE}/2", "title": "وصول الوفد"})
    assert only(read(whole[: whole.rindex("title")])).url == f"{SITE}/1"


def test_characters_that_json_does_not_allow_are_tolerated() -> None:
    item = '{"url": "https://sada.example/1", "title": "a\tb \\ud800"}'
    entry = only(read(f'{{"version": "{VERSION}", "items": [{item}]}}'))
    assert entry.title == "a b"


def test_other_json_is_no_feed() -> None:
    assert rejection_reason('{"items": [1, 2], "total": 2}') is RejectReason.NO_FEED
    assert rejection_reason('{"version": "https://jsonfeed.org/version/1"}') is RejectReason.NO_FEED
    assert rejection_reason("{broken") is RejectReason.NO_FEED
    assert rejection_reason('{"items":' + "[" * 100_000) is RejectReason.TOO_COMPLEX
