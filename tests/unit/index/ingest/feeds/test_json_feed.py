"""JSON Feed, as it should be and as it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from tests.fixtures.feed_documents import NEWS, SITE, STORY, only, read, refused

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: object, **about: object) -> str:
    return json.dumps({"version": VERSION, "title": "صدى النور", **about, "items": items})


def test_a_json_feed_is_read_with_all_that_it_says() -> None:
    item = {
        "id": 7,
        "url": "/1",
        "title": "وصول الوفد",
        "summary": NEWS,
        "content_html": f"<p>{STORY}</p>",
        "date_published": "2026-03-06T10:00:00Z",
        "authors": [{"name": "سالم الوادي"}, {"name": "نورة الساحلي"}],
    }
    found = read(feed(item, language="ar-LY", home_page_url=SITE))
    assert (found.kind, found.title, found.language) == (FeedKind.JSON, "صدى النور", "ar")
    assert found.page == SITE
    entry = only(found)
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


def test_an_item_of_the_wrong_types_costs_only_itself() -> None:
    bad = {
        "id": [],
        "url": {},
        "title": 5,
        "content_html": None,
        "authors": "x",
        "date_published": True,
    }
    found = read(feed(None, "x", bad, {"id": 1, "url": f"{SITE}/1"}))
    assert only(found).url == f"{SITE}/1"


def test_of_a_json_feed_that_was_cut_the_whole_items_are_kept() -> None:
    whole = feed({"url": f"{SITE}/1"}, {"url": f"{SITE}/2", "title": "وصول الوفد"})
    assert only(read(whole[: whole.rindex("title")])).url == f"{SITE}/1"


def test_signs_that_json_does_not_allow_do_no_harm() -> None:
    item = '{"url": "https://sada.example/1", "title": "a\tb \\ud800"}'
    found = only(read(f'{{"version": "{VERSION}", "items": [{item}]}}'))
    assert found.title == "a b"


def test_other_json_is_no_feed() -> None:
    assert refused('{"items": [1, 2], "total": 2}') is RejectReason.NO_FEED
    assert refused('{"version": "https://jsonfeed.org/version/1"}') is RejectReason.NO_FEED
    assert refused("{broken") is RejectReason.NO_FEED
    assert refused('{"items":' + "[" * 100_000) is RejectReason.TOO_COMPLEX
