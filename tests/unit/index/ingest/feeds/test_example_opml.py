"""The list of example sources in config/feeds.example.opml."""

from __future__ import annotations

from collections import Counter

import pytest

from index.ingest.feeds.opml import read_opml
from index.ingest.feeds.opml_outline import FeedOutline
from index.urls import canonicalise_url
from tests.fixtures.sample_articles import PROJECT

FOLDERS = {"ar": "العربية", "en": "English", "fr": "Français"}
SEEN = "seen in public text"
NOT_SEEN = "usual address of its kind, not seen"


@pytest.fixture(scope="module")
def outlines() -> tuple[FeedOutline, ...]:
    parsed = read_opml((PROJECT / "config" / "feeds.example.opml").read_bytes())
    assert not parsed.rejected
    return parsed.outlines


def test_every_source_has_a_language_and_names_and_is_marked_as_not_contacted(
    outlines: tuple[FeedOutline, ...],
) -> None:
    for outline in outlines:
        assert outline.title
        assert outline.source
        assert outline.page
        assert outline.folder == FOLDERS[outline.language or ""]
        assert outline.contacted is False
        assert outline.note in {SEEN, NOT_SEEN}


def test_there_are_sources_in_each_language_and_most_addresses_were_seen(
    outlines: tuple[FeedOutline, ...],
) -> None:
    languages = Counter(outline.language for outline in outlines)
    assert all(languages[language] >= 8 for language in FOLDERS)
    assert sum(outline.note == SEEN for outline in outlines) > 0.8 * len(outlines)


def test_no_source_is_listed_twice(outlines: tuple[FeedOutline, ...]) -> None:
    assert len({canonicalise_url(outline.address) for outline in outlines}) == len(outlines)
    assert len({outline.title for outline in outlines}) == len(outlines)


def test_required_keywords_include_libya(outlines: tuple[FeedOutline, ...]) -> None:
    names = {"ar": "ليبيا", "en": "Libya", "fr": "Libye"}
    for outline in outlines:
        assert not outline.require or names[outline.language or ""] in outline.require
    assert any(outline.require for outline in outlines)
