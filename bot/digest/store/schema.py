"""The tables of the digest: subscriptions, contents, deliveries, watches and cursors."""

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
    Column("thread_id", BigInteger, doc="forum topic"),
    Column("language", String(2), nullable=False),
    Column("schedule", Text, nullable=False, doc="JSON: see bot/digest/models.py"),
    Column("taste", Text, nullable=False, doc="JSON: the same"),
    Column("next_at", String(27), doc="UTC; when to check it next; null if it ended"),
    Column("ended_why", String(8), doc="left, blocked, moved"),
    Column(
        "told_upto", Integer, doc="last change that a delivered edition covers, or one in doubt"
    ),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Index("ix_subscriptions_next", "bot_id", "next_at"),
)
"""The subscriptions of chats; ended ones keep their settings for a new subscription."""

contents = Table(
    "contents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("said", Text, nullable=False, unique=True, doc="JSON: see bot/digest/payloads.py"),
    Column("made_at", String(27), nullable=False, index=True, doc="UTC"),
    sqlite_autoincrement=True,
)
"""The contents of messages, once for all chats that receive the same; rendered on delivery."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("kind", String(8), nullable=False, doc="edition, alert, summary"),
    Column("of", String(20), nullable=False, doc="local day, or article number of an alert"),
    Column("content", Integer, ForeignKey("contents.number"), index=True),
    Column("state", String(8), nullable=False, doc="see bot/digest/store/deliveries.py"),
    Column("why", String(8), doc="why it was skipped or failed, or how it was resolved"),
    Column("due_at", String(27), nullable=False, doc="UTC"),
    Column("until", String(27), doc="UTC; deadline for sending; null if none"),
    Column("decided_at", String(27), nullable=False, doc="UTC"),
    Column("finished_at", String(27), doc="UTC"),
    Column("offered_by", BigInteger, doc="id of the update whose reply offered it"),
    UniqueConstraint("bot_id", "chat_id", "kind", "of", name="uq_deliveries_bot_id"),
    Index("ix_deliveries_state", "bot_id", "state", "due_at"),
    sqlite_autoincrement=True,
)
"""The delivery outbox: one row for each edition, alert and summary of each chat."""

watches = Table(
    "watches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("said", Text, nullable=False, doc="name or topic, as the user wrote it"),
    Column("language", String(2), nullable=False),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    UniqueConstraint("bot_id", "chat_id", "said", name="uq_watches_bot_id"),
    sqlite_autoincrement=True,
)
"""The topics for which chats get alerts."""

cursors = Table(
    "cursors",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(16), primary_key=True),
    Column("seq", Integer, nullable=False),
)
"""The last change of the archive that a worker has processed."""
