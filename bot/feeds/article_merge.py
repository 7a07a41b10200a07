"""What an article is, by what its feed says of it and what its page says: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.feeds.store.feeds import FollowedFeed
from index.ingest.extracted_article import ExtractedArticle, build_extracted_article
from index.ingest.feeds.models import SOON, EntryDate, FeedEntry, FeedKind
from index.models import DateProvenance, to_instant
from index.text.language import language_of

_APART = timedelta(days=1)
"""A feed's date and its page's that lie further apart than this mean two days."""
_FIRST_LIKELY = datetime(1990, 1, 1, tzinfo=UTC)
_CUT = ("…", "...", "[…]", "[...]")
_SAYS_LESS = (FeedKind.SITEMAP, FeedKind.LIST)
"""What is listed in these has no title of its own, or one with other words around it."""


def of_content(
    entry: FeedEntry, feed: FollowedFeed, now: datetime, zone: ZoneInfo
) -> ExtractedArticle:
    """Return the article that a feed carries whole, or as its summary where that is all there is.

    Raises `Refused` where it has no words.
    """
    text = entry.content or entry.summary or ""
    return _told(
        text, entry, feed, choose_date(entry, None, now, zone), url=entry.url, title=entry.title
    )


def of_page(
    page: ExtractedArticle, entry: FeedEntry, feed: FollowedFeed, now: datetime, zone: ZoneInfo
) -> ExtractedArticle:
    """Return the article on a page, with what its feed says of it. Raises `Refused`."""
    title = entry.title
    if feed.found.kind in _SAYS_LESS or (title and title.endswith(_CUT)):
        title = page.title or title
    when = choose_date(entry, page, now, zone)
    story = _told(
        page.text, entry, feed, when, url=page.url or entry.url, title=title or page.title
    )
    known = {"author": page.author or story.author, "source": story.source or page.source}
    return story.model_copy(update={**known, "language": page.language or story.language})


def page_is_fuller(entry: FeedEntry, page: ExtractedArticle) -> bool:
    """Say whether a page says more than the feed's summary of it: a wall before it says less."""
    return len(page.text.split()) >= len((entry.summary or "").split())


def choose_date(
    entry: FeedEntry, page: ExtractedArticle | None, now: datetime, zone: ZoneInfo
) -> EntryDate:
    """Return when an article was published: as its feed says, or else its page.

    Where both are certain and mean two days, the earlier is the likelier, because articles are
    dated anew when they are changed; it is uncertain.
    """
    own = EntryDate(entry.published, entry.date_found, entry.printed, entry.otherwise)
    its = EntryDate()
    if page:
        its = EntryDate(page.published, page.date_found, page.printed, page.otherwise)
    if own.published is None or its.published is None:
        chosen = own if own.published else its
    elif own.found is DateProvenance.UNCERTAIN or its.found is DateProvenance.UNCERTAIN:
        chosen = own if own.found is not DateProvenance.UNCERTAIN or its.found is own.found else its
    elif _apart(own.published, its.published, zone) <= _APART:
        chosen = own
    else:
        pair = sorted((own, its), key=lambda each: to_instant(each.published or now, zone))
        earlier, later = pair[0], pair[1].published
        others = (later,) if later else ()
        chosen = earlier._replace(found=DateProvenance.UNCERTAIN, otherwise=others)
    if chosen.published and not _is_likely(chosen.published, now, zone):
        return chosen._replace(found=DateProvenance.UNCERTAIN)
    return chosen


def _is_likely(published: date | datetime, now: datetime, zone: ZoneInfo) -> bool:
    return _FIRST_LIKELY <= to_instant(published, zone) <= now + SOON


def _apart(one: date | datetime, other: date | datetime, zone: ZoneInfo) -> timedelta:
    return abs(to_instant(one, zone) - to_instant(other, zone))


def _told(
    text: str,
    entry: FeedEntry,
    feed: FollowedFeed,
    when: EntryDate,
    *,
    url: str | None,
    title: str | None,
) -> ExtractedArticle:
    facts: dict[str, Any] = {
        "title": title,
        "url": url,
        "source": feed.source,
        "language": language_of(text) or feed.chosen.language or feed.found.language,
        "author": entry.author,
        "published": when.published,
        "date_found": when.found,
        "printed": when.printed,
        "otherwise": when.otherwise,
    }
    return build_extracted_article(text, **facts)
