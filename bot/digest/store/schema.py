"""The tables of the daily briefing: who gets it, what it holds, and what became of each one."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from index.storage.schema import metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, doc="the topic of a forum"),
    Column("language", String(2), nullable=False),
    Column("schedule", Text, nullable=False, doc="JSON: see bot/digest/models.py"),
    Column("taste", Text, nullable=False, doc="JSON: the same"),
    Column("next_at", String(27), doc="UTC; when to look again; null where it ended"),
    Column("ended_why", String(8), doc="left, blocked"),
    Column("told_upto", Integer, doc="the last change of which an edition has told, or may have"),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Index("ix_subscriptions_next", "bot_id", "next_at"),
)
"""What chats have chosen. One that has ended is kept, for its choices."""

contents = Table(
    "contents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("said", Text, nullable=False, unique=True, doc="JSON: see bot/digest/payloads.py"),
    Column("made_at", String(27), nullable=False, index=True, doc="UTC"),
    sqlite_autoincrement=True,
)
"""What is sent, once for all who get the same: enough to put it into words at any time."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("kind", String(8), nullable=False, doc="edition, alert, summary"),
    Column("of", String(20), nullable=False, doc="its local day, or the article's number"),
    Column("content", Integer, ForeignKey("contents.number"), index=True),
    Column("state", String(8), nullable=False, doc="see bot/digest/store/deliveries.py"),
    Column("why", String(8), doc="of what was skipped or failed"),
    Column("due_at", String(27), nullable=False, doc="UTC"),
    Column("until", String(27), doc="UTC; later it is not sent; null where it always is"),
    Column("decided_at", String(27), nullable=False, doc="UTC"),
    Column("finished_at", String(27), doc="UTC"),
    Column("offered_by", BigInteger, doc="the update with whose reply it was offered"),
    UniqueConstraint("bot_id", "chat_id", "kind", "of", name="uq_deliveries_bot_id"),
    Index("ix_deliveries_state", "bot_id", "state", "due_at"),
    sqlite_autoincrement=True,
)
"""The ledger: one row for each edition, alert and summary of each chat."""

watches = Table(
    "watches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("said", Text, nullable=False, doc="a name or a topic, as it was written"),
    Column("language", String(2), nullable=False),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    UniqueConstraint("bot_id", "chat_id", "said", name="uq_watches_bot_id"),
    sqlite_autoincrement=True,
)
"""What chats want to be told of at once."""

cursors = Table(
    "cursors",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(16), primary_key=True),
    Column("seq", Integer, nullable=False),
)
"""Up to which change something has been looked at."""
