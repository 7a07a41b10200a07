"""What a feed says: which articles there are, each with what the feed knows of it.

A sitemap and a page that lists articles say the same, with less of each article.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from index.models import DateProvenance, Language, Published, SingleLine, WebUrl

MAX_ENTRIES = 50_000
"""As many as one sitemap may have (sitemaps.org)."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""A clock that is fast by so much is no sign of a wrong date."""
MAX_ENTRY_TEXT_LENGTH = 300_000
"""Characters of an entry's summary or content."""


class FeedKind(StrEnum):
    """What articles are listed in."""

    RSS = "rss"
    """RSS of any version, RDF and CDF among them."""
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"
    LIST = "list"
    """A page of a site that lists articles."""


class EntryDate(NamedTuple):
    """When an article was published, and how that is known."""

    published: datetime | date | None = None
    provenance: DateProvenance = DateProvenance.UNKNOWN
    printed: str | None = None
    """As it was written."""
    otherwise: tuple[datetime | date, ...] = ()
    """The other days that it may mean, the likeliest first."""


class FeedEntry(BaseModel):
    """One article, as a feed tells of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: SingleLine = None
    """The feed's own name for it, whatever it looks like."""
    url: WebUrl = None
    """Where the article is, absolute."""
    title: SingleLine = None
    summary: str | None = Field(default=None, max_length=MAX_ENTRY_TEXT_LENGTH)
    """What the feed says of it: plain text, a blank line between paragraphs."""
    content: str | None = Field(default=None, max_length=MAX_ENTRY_TEXT_LENGTH)
    """The article itself, in the same form, where the feed carries the whole of it."""
    author: SingleLine = None
    published: Published = None
    date_found: DateProvenance = DateProvenance.UNKNOWN
    """GIVEN where the feed says `published`, UNCERTAIN where that may be another day."""
    printed: SingleLine = None
    """The date as the feed has it."""
    otherwise: tuple[datetime | date, ...] = ()
    """The other days that an uncertain date may mean, the likeliest first."""


class Feed(BaseModel):
    """A feed as it was read, the newest entries first where it says which they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedKind
    title: SingleLine = None
    language: Language = None
    page: WebUrl = None
    """The page of the site that the feed belongs to."""
    entries: tuple[FeedEntry, ...] = ()
    feeds: tuple[str, ...] = ()
    """Of a page: the addresses of the feeds that it names, the likeliest first."""
    parts: tuple[str, ...] = ()
    """Of a sitemap of sitemaps: the addresses of those, the newest first."""
    minutes: int | None = None
    """How long the feed says that it stays as it is (RSS's ttl)."""
