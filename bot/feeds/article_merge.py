"""Merge what a feed and the article's page say into one article, with pure functions."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.feeds.store.feeds import FollowedFeed
from index.ingest.extracted_article import ExtractedArticle, build_extracted_article
from index.ingest.feeds.models import CLOCK_TOLERANCE, EntryDate, FeedEntry, FeedKind
from index.models import DateProvenance, to_instant
from index.text.dates.days import day_in_url, may_be_same_day, to_source_local_time
from index.text.language import detect_language
from index.text.number_words import words_and_numbers
from index.urls import is_same_site

_MAX_DATE_GAP = timedelta(days=1)
"""If the dates of the feed and the page differ by more than this, they name two days."""
_EARLIEST_PLAUSIBLE = datetime(1990, 1, 1, tzinfo=UTC)
_TRUNCATION_MARKS = ("…", "...", "[…]", "[...]")
_KINDS_WITH_WEAK_TITLES = (FeedKind.SITEMAP, FeedKind.LIST)
"""Kinds of feeds whose entries have no title, or a title with extra words around it."""


def needs_page(entry: FeedEntry, feed_address: str) -> bool:
    """Return whether the page of an entry must be read for the whole article.

    A feed may name any URL of another site, and say anything about the article there: only the page
    itself tells what it says and who published it.
    """
    if entry.url is None:
        return False
    return entry.content is None or not is_same_site(entry.url, feed_address)


def build_from_entry(
    entry: FeedEntry, feed: FollowedFeed, now: datetime, zone: ZoneInfo
) -> ExtractedArticle:
    """Return the article from the full text in a feed entry, or from its summary.

    It has no URL if the entry's is of another site, because its page was not read. Raises
    `SourceRejected` if the entry has no text.
    """
    is_own = entry.url is not None and is_same_site(entry.url, feed.discovered.address)
    entry_date = choose_date(entry, None, now, zone)
    text = entry.content or entry.summary or ""
    return _build(
        text, entry, feed, entry_date, url=entry.url if is_own else None, title=entry.title
    )


def build_from_page(
    page: ExtractedArticle, entry: FeedEntry, feed: FollowedFeed, now: datetime, zone: ZoneInfo
) -> ExtractedArticle:
    """Return the article on a page, completed by its feed entry. Raises `SourceRejected`.

    Of a page of another site than the feed's, the title, source, author and date are its own.
    """
    url = page.url or entry.url
    if url and not is_same_site(url, feed.discovered.address):
        return _build_from_foreign_page(page, entry, feed, now, zone)
    title = entry.title
    if feed.discovered.kind in _KINDS_WITH_WEAK_TITLES or (
        title and title.endswith(_TRUNCATION_MARKS)
    ):
        title = page.title or title
    entry_date = choose_date(entry, page, now, zone)
    extracted = _build(page.text, entry, feed, entry_date, url=url, title=title or page.title)
    fields = {"author": page.author or extracted.author, "source": extracted.source or page.source}
    language = page.language or extracted.language
    return extracted.model_copy(update={**fields, "language": language, "hidden": page.hidden})


def _build_from_foreign_page(
    page: ExtractedArticle, entry: FeedEntry, feed: FollowedFeed, now: datetime, zone: ZoneInfo
) -> ExtractedArticle:
    """Return the article on a page of another site; a date that only the feed has is uncertain."""
    facts: dict[str, Any] = {"url": page.url or entry.url, "title": page.title or entry.title}
    if page.published is None:
        entry_date = choose_date(entry, None, now, zone)
        facts |= {
            "published": entry_date.published,
            "date_found": DateProvenance.UNCERTAIN if entry_date.published else page.date_found,
            "printed": entry_date.printed,
            "otherwise": entry_date.otherwise,
        }
    language = page.language or feed.options.language
    return page.model_copy(update={**facts, "language": language})


def page_is_fuller(entry: FeedEntry, page: ExtractedArticle) -> bool:
    """Return whether a page has at least as many words as the feed's summary.

    A page behind a paywall or a consent screen has fewer.
    """
    return len(page.text.split()) >= len((entry.summary or "").split())


class PageText(NamedTuple):
    """The words of a page's text, and their digest."""

    words: list[str]
    digest: int


def read_page_text(page: ExtractedArticle) -> PageText:
    """Return the words of a page's text, by which pages with the same text are found."""
    words = words_and_numbers(page.text)
    digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return PageText(words, int.from_bytes(digest, "little", signed=True))


def choose_date(
    entry: FeedEntry, page: ExtractedArticle | None, now: datetime, zone: ZoneInfo
) -> EntryDate:
    """Return the publication date: that of the feed entry, or else that of the page.

    An instant is returned in the clock of the page or, without a page, with the day in the entry's
    URL. If both are certain and name two days, return the earlier one and mark it uncertain: sites
    often set a new date when they change an article.
    """
    entry_date = EntryDate(entry.published, entry.date_found, entry.printed, entry.otherwise)
    page_date = EntryDate()
    if page:
        page_date = EntryDate(page.published, page.date_found, page.printed, page.otherwise)
    if entry_date.published is None:
        chosen = page_date
    elif page_date.published is None:
        chosen = _in_source_local_time(entry_date, day_in_url(entry.url) or entry_date.published)
    elif (
        entry_date.provenance is DateProvenance.UNCERTAIN
        or page_date.provenance is DateProvenance.UNCERTAIN
    ):
        chosen = (
            entry_date
            if entry_date.provenance is not DateProvenance.UNCERTAIN
            or page_date.provenance is entry_date.provenance
            else page_date
        )
    elif _are_same_date(entry_date.published, page_date.published, zone):
        chosen = _in_source_local_time(entry_date, page_date.published)
    else:
        pair = sorted(
            (entry_date, page_date),
            key=lambda candidate: to_instant(candidate.published or now, zone),
        )
        earlier, later = pair[0], pair[1].published
        alternatives = (later,) if later else ()
        chosen = earlier._replace(provenance=DateProvenance.UNCERTAIN, otherwise=alternatives)
    if chosen.published and not _is_plausible(chosen.published, now, zone):
        return chosen._replace(provenance=DateProvenance.UNCERTAIN)
    return chosen


def _in_source_local_time(entry_date: EntryDate, shown: date | datetime) -> EntryDate:
    """Return the date in the clock of a source that shows the date `shown`."""
    published = entry_date.published
    if not isinstance(published, datetime) or published.tzinfo is None:
        return entry_date
    return entry_date._replace(published=to_source_local_time(published, shown))


def _is_plausible(published: date | datetime, now: datetime, zone: ZoneInfo) -> bool:
    return _EARLIEST_PLAUSIBLE <= to_instant(published, zone) <= now + CLOCK_TOLERANCE


def _are_same_date(first: date | datetime, second: date | datetime, zone: ZoneInfo) -> bool:
    time_between = abs(to_instant(first, zone) - to_instant(second, zone))
    return time_between <= _MAX_DATE_GAP or may_be_same_day(first, second)


def _build(
    text: str,
    entry: FeedEntry,
    feed: FollowedFeed,
    entry_date: EntryDate,
    *,
    url: str | None,
    title: str | None,
) -> ExtractedArticle:
    facts: dict[str, Any] = {
        "title": title,
        "url": url,
        "source": feed.source,
        "language": detect_language(text) or feed.options.language or feed.discovered.language,
        "author": entry.author,
        "published": entry_date.published,
        "date_found": entry_date.provenance,
        "printed": entry_date.printed,
        "otherwise": entry_date.otherwise,
    }
    return build_extracted_article(text, **facts)
