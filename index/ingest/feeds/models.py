"""Data classes of a parsed feed and its entries.

A sitemap and a page that lists articles are read as the same classes, with fewer fields per entry.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from index.models import DateProvenance, Language, Published, SingleLine, WebUrl

MAX_ENTRIES = 50_000
"""The maximum of one sitemap (sitemaps.org)."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""A date may lie this far in the future, because clocks can be fast."""
MAX_ENTRY_TEXT_LENGTH = 300_000
"""The maximum number of characters of an entry's summary or content."""


class FeedKind(StrEnum):
    """The format of a feed."""

    RSS = "rss"
    """RSS of any version, including RDF and CDF."""
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"
    LIST = "list"
    """A page of a site that lists articles."""


class EntryDate(NamedTuple):
    """A publication date and its provenance."""

    published: datetime | date | None = None
    provenance: DateProvenance = DateProvenance.UNKNOWN
    printed: str | None = None
    """The date as written in the feed."""
    otherwise: tuple[datetime | date, ...] = ()
    """Alternative readings of the date, most likely first."""


class FeedEntry(BaseModel):
    """One article as described by a feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: SingleLine = None
    """The feed's id for it, in any form."""
    url: WebUrl = None
    """The absolute URL of the article."""
    title: SingleLine = None
    summary: str | None = Field(default=None, max_length=MAX_ENTRY_TEXT_LENGTH)
    """A summary: plain text, a blank line between paragraphs."""
    content: str | None = Field(default=None, max_length=MAX_ENTRY_TEXT_LENGTH)
    """The whole article in the same form, if the feed contains it."""
    author: SingleLine = None
    published: Published = None
    date_found: DateProvenance = DateProvenance.UNKNOWN
    """GIVEN if the feed states the date, UNCERTAIN if it may be another day."""
    printed: SingleLine = None
    """The date as written in the feed."""
    otherwise: tuple[datetime | date, ...] = ()
    """Alternative readings of an uncertain date, most likely first."""


class Feed(BaseModel):
    """A parsed feed, newest entries first if most of them are dated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedKind
    title: SingleLine = None
    language: Language = None
    page: WebUrl = None
    """The URL of the site's page that the feed belongs to."""
    entries: tuple[FeedEntry, ...] = ()
    feeds: tuple[str, ...] = ()
    """For a page: the URLs of the feeds that it declares, most likely first."""
    parts: tuple[str, ...] = ()
    """For a sitemap index: the URLs of its sitemaps, newest first."""
    minutes: int | None = None
    """The time to live that the feed states (RSS's ttl), in minutes."""
