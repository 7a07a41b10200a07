"""The tables of the feeds: which are followed, what was in them, what waits for an editor."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from index.storage.schema import metadata


def _parent_column(name: str, key: str) -> Column[int]:
    """Return the column of whose a row is; when that goes, the row goes."""
    return Column(name, Integer, ForeignKey(key, ondelete="CASCADE"), nullable=False, index=True)


feeds = Table(
    "feeds",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("host", Text, nullable=False, doc="which site is asked"),
    Column("kind", String(8), nullable=False, doc="rss, atom, json, sitemap, list"),
    Column("title", Text, doc="its own"),
    Column("page", Text, doc="the page of the site that it belongs to"),
    Column("language_said", String(40), doc="by the feed"),
    Column("source", Text, doc="the name that its articles carry; null for its title"),
    Column("language", String(40), doc="of articles that do not say it themselves"),
    Column("hold", Boolean, nullable=False, default=False, doc="an editor approves each article"),
    Column("require", Text, nullable=False, default="[]", doc="JSON: words, one of which is there"),
    Column("refuse", Text, nullable=False, default="[]", doc="JSON: words, none of which is there"),
    Column("state", String(8), nullable=False, doc="active, paused, gone"),
    Column("added_at", String(27), nullable=False, doc="UTC"),
    Column("added_by", Text, nullable=False),
    Column("next_at", String(27), nullable=False, index=True, doc="UTC; not asked before"),
    Column("etag", Text),
    Column("modified", Text, doc="Last-Modified, as the site said it"),
    Column("digest", String(64), doc="of what mattered in it when it was last read"),
    Column("minutes", Integer, doc="how long it says that it stays as it is"),
    Column("begun", Boolean, nullable=False, default=False, doc="it was read once"),
    Column("asked_at", String(27), doc="UTC"),
    Column("succeeded_at", String(27), doc="UTC"),
    Column("failed_at", String(27), doc="UTC; of the last failure, also when it is over"),
    Column("failures", Integer, nullable=False, default=0, doc="one after another"),
    Column("failing_since", String(27), doc="UTC; of the first of them"),
    Column("error", String(24), doc="what the last failure was"),
    Column("error_said", Text),
    Column("told_at", String(27), doc="UTC; that it is dead, since it last was alive"),
    sqlite_autoincrement=True,
)

feed_items = Table(
    "feed_items",
    metadata,
    Column("number", Integer, primary_key=True),
    _parent_column("feed", "feeds.number"),
    Column("by_id", BigInteger, doc="digest of the feed's own id for it"),
    Column("by_url", BigInteger, doc="digest of its canonical address"),
    Column("by_words", BigInteger, doc="digest of its title and summary"),
    Column("published", String(40), doc="as the feed dates it, ISO 8601"),
    Column("said", BigInteger, nullable=False, doc="digest of all that the feed says of it"),
    Column(
        "state",
        String(8),
        nullable=False,
        doc="known, waiting, done, carried, held, refused, failed",
    ),
    Column("entry", Text, doc="JSON: what the feed says, as long as it is needed"),
    Column("host", Text, doc="the site of its page, where that is to be read"),
    Column("quiet", Boolean, nullable=False, default=False, doc="it was there before the feed was"),
    Column("tries", Integer, nullable=False, default=0),
    Column("revisits", Integer, nullable=False, default=0, doc="corrections that were none"),
    Column("next_at", String(27), doc="UTC; where it waits"),
    Column("first_seen", String(27), nullable=False, index=True, doc="UTC"),
    Column("last_seen", String(27), nullable=False, index=True, doc="UTC, to the week"),
    Column("article_id", Text),
    Column("own", Boolean, nullable=False, default=False, doc="the article came from this feed"),
    Column("why", String(24), doc="what was wrong, where it is refused or failed"),
    Index("ix_feed_items_waiting", "state", "next_at"),
    sqlite_autoincrement=True,
)
"""Every article that was in a feed, for as long as it is there and some weeks after."""

held = Table(
    "held",
    metadata,
    Column("number", Integer, primary_key=True),
    _parent_column("item", "feed_items.number"),
    Column("brought", Text, nullable=False, doc="JSON: the story, as it was read"),
    Column("state", String(10), nullable=False, index=True, doc="see HeldItem"),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Column("decided_by", Text),
    sqlite_autoincrement=True,
)
"""Articles that wait for an editor. What was corrected meanwhile waits under a new number."""

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("free_at", String(27), doc="UTC; the site said not to ask it before"),
    Column("robots", Text, doc="its robots.txt; null where it has none"),
    Column("robots_at", String(27), doc="UTC; when that was asked for"),
)
"""Sites, and how they want to be asked."""

feed_lists = Table(
    "feed_lists",
    metadata,
    Column("editor", BigInteger, primary_key=True, autoincrement=False),
    Column("day", String(10), primary_key=True, doc="in the configured zone"),
)
"""To whom the day's list of articles that wait was sent."""
