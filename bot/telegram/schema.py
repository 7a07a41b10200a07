"""The bot's tables, in the archive's database and in its one history of migrations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from index.storage.schema import metadata

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, doc="a user's, or a chat's"),
    Column("language", String(2), doc="the one they chose; null where they did not"),
    Column("unreachable_since", String(27), doc="UTC; Telegram said that they blocked the bot"),
)

updates = Table(
    "updates",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(32), nullable=False, doc="of all that it said"),
    Column("chat_id", BigInteger),
    Column("payload", Text, doc="the update as JSON, until it is done"),
    Column("state", String(8), nullable=False, index=True, doc="waiting, sending, done, unknown"),
    Column("outcome", String(16), doc="how it was done: sent, ignored, limited, …"),
    Column("recorded_at", String(27), nullable=False, index=True, doc="UTC"),
    Column("finished_at", String(27), doc="UTC"),
)
"""Every update that Telegram sent, by the bot that it was sent to."""

answers = Table(
    "answers",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("given", Text, nullable=False, doc="JSON: the question, and the passages quoted"),
    Column("continued_by", BigInteger, doc="the update that asked for more"),
    Column("given_at", String(27), nullable=False, index=True, doc="UTC"),
)
"""What the buttons under an answer go back to."""

editors = Table(
    "editors",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, doc="the user's"),
    Column("name", Text, doc="as Telegram gave it when they joined"),
    Column("since", String(27), doc="UTC; null where they are no admin (an owner's choices)"),
    Column("at_once", Boolean, nullable=False, default=False, doc="publish without a preview"),
)
"""Who may add, correct and remove articles, beside the owners that the settings name."""

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True, doc="of the words in the link"),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Column("made_by", Text, nullable=False),
    Column("used_by", BigInteger, doc="the user who opened the link; it opens once"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False, doc="the update that brought it"),
    Column("place", Integer, nullable=False, doc="which of the update's, from 0"),
    Column("editor", BigInteger, nullable=False),
    Column("made_at", String(27), nullable=False, index=True, doc="UTC"),
    Column("state", String(12), nullable=False, doc="open, published, discarded, failed"),
    Column(
        "brought",
        Text,
        nullable=False,
        doc="JSON: the story, or what failed and why",
    ),
    Column("outcome", String(12), doc="what publishing it did"),
    Column("article_id", Text, doc="what it was published as"),
    Column("entry", Integer, doc="the line of the log that says so, which can be undone"),
    UniqueConstraint("bot_id", "update_id", "place", name="uq_drafts_bot_id"),
    sqlite_autoincrement=True,
)
"""What editors brought and have not yet published."""

prompts = Table(
    "prompts",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("editor", BigInteger, primary_key=True, autoincrement=False),
    Column("of", String(8), nullable=False, doc="draft or article"),
    Column("number", Integer, nullable=False, doc="which one"),
    Column("field", String(10), nullable=False, doc="title, source, published, text"),
    Column("asked_at", String(27), nullable=False, doc="UTC"),
    Column("answered_by", BigInteger, doc="the update that answered it"),
)
"""What an editor was asked to write, so that their next message is that and no question."""
