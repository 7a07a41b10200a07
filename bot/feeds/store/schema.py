"""Tables of the feeds: followed feeds, their items, articles that wait for approval, sites."""

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
    """Return a foreign key to the parent row; deleting the parent deletes the row."""
    return Column(name, Integer, ForeignKey(key, ondelete="CASCADE"), nullable=False, index=True)


feeds = Table(
    "feeds",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("host", Text, nullable=False, doc="the site of the address"),
    Column("kind", String(8), nullable=False, doc="rss, atom, json, sitemap, list"),
    Column("title", Text, doc="the feed's own"),
    Column("page", Text, doc="the page of the site that it belongs to"),
    Column("language_said", String(40), doc="as the feed declares it"),
    Column("source", Text, doc="source name of its articles; null for its title"),
    Column("language", String(40), doc="of articles that do not declare one"),
    Column("hold", Boolean, nullable=False, default=False, doc="an editor approves each article"),
    Column(
        "require", Text, nullable=False, default="[]", doc="JSON: keywords, one of which must match"
    ),
    Column(
        "refuse", Text, nullable=False, default="[]", doc="JSON: keywords, none of which may match"
    ),
    Column("state", String(8), nullable=False, doc="active, paused, gone"),
    Column("added_at", String(27), nullable=False, doc="UTC"),
    Column("added_by", Text, nullable=False),
    Column("next_at", String(27), nullable=False, index=True, doc="UTC; no poll before"),
    Column("etag", Text),
    Column("modified", Text, doc="Last-Modified, as the site sent it"),
    Column("digest", String(64), doc="of the relevant content at the last poll"),
    Column("minutes", Integer, doc="time to live that the feed declares"),
    Column("begun", Boolean, nullable=False, default=False, doc="it was polled once"),
    Column("asked_at", String(27), doc="UTC"),
    Column("succeeded_at", String(27), doc="UTC"),
    Column("failed_at", String(27), doc="UTC; of the last failure, even if resolved"),
    Column("failures", Integer, nullable=False, default=0, doc="consecutive"),
    Column("failing_since", String(27), doc="UTC; of the first of these"),
    Column("error", String(24), doc="reason of the last failure"),
    Column("error_said", Text),
    Column("told_at", String(27), doc="UTC; of the notice that it is dead"),
    Column("site_limit_at", String(27), doc="UTC; it last led to too many new sites in a day"),
    Column("site_limit_told_at", String(27), doc="UTC; of the last notice of that"),
    Column("queue_told_at", String(27), doc="UTC; of the notice that a poll brought too many"),
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
    Column("said", BigInteger, nullable=False, doc="digest of the entry"),
    Column(
        "state",
        String(8),
        nullable=False,
        doc="known, queued, waiting, done, carried, held, refused, failed",
    ),
    Column("entry", Text, doc="JSON: the entry, while it is to be read or page_text is set"),
    Column("host", Text, doc="the site of its page, if that is fetched"),
    Column("quiet", Boolean, nullable=False, default=False, doc="older than the feed; no alerts"),
    Column("tries", Integer, nullable=False, default=0),
    Column("revisits", Integer, nullable=False, default=0, doc="number of false corrections"),
    Column("next_at", String(27), doc="UTC; while it waits"),
    Column("first_seen", String(27), nullable=False, index=True, doc="UTC"),
    Column("last_seen", String(27), nullable=False, index=True, doc="UTC, to the week"),
    Column("article_id", Text),
    Column("own", Boolean, nullable=False, default=False, doc="the article came from this feed"),
    Column("why", String(24), doc="reason, if it is refused or failed, or its page not used"),
    Column("page_text", BigInteger, index=True, doc="digest of the text of its page"),
    Index("ix_feed_items_waiting", "state", "next_at"),
    sqlite_autoincrement=True,
)
"""Items of feeds, stored as long as they are in the feed and some weeks longer."""

pending_articles = Table(
    "held",
    metadata,
    Column("number", Integer, primary_key=True),
    _parent_column("item", "feed_items.number"),
    Column("brought", Text, nullable=False, doc="JSON: the extracted article"),
    Column("state", String(10), nullable=False, index=True, doc="see PendingArticle"),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Column("decided_by", Text),
    sqlite_autoincrement=True,
)
"""Articles that wait for approval. A corrected version is stored under a new number."""

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("free_at", String(27), doc="UTC; no request before"),
    Column("robots", Text, doc="its robots.txt; null if it has none"),
    Column("robots_at", String(27), doc="UTC; of the request for it"),
    Column("feed", Integer, doc="the feed that led to it first; null for an editor's request"),
    Column("first_at", String(27), doc="UTC; when it was first to be asked"),
    Index("ix_hosts_feed", "feed", "first_at"),
)
"""Sites, with their politeness state."""

feed_lists = Table(
    "feed_lists",
    metadata,
    Column("editor", BigInteger, primary_key=True, autoincrement=False),
    Column("day", String(10), primary_key=True, doc="in the configured zone"),
)
"""Editors to whom the day's list of waiting articles was sent."""
