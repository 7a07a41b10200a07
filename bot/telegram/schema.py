"""Tables of the bot. They are part of the archive's database and share its migrations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
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
    Column("id", BigInteger, primary_key=True, autoincrement=False, doc="of a user or a chat"),
    Column("language", String(2), doc="the chosen language; null if none was chosen"),
    Column("unreachable_since", String(27), doc="UTC; when Telegram reported a block"),
)

updates = Table(
    "updates",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(32), nullable=False, doc="hash that identifies the update"),
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger, doc="the message that it brought"),
    Column("reply_message_id", BigInteger, doc="the message that answered it"),
    Column("payload", Text, doc="the update as JSON, until it is done or in doubt"),
    Column("state", String(8), nullable=False, index=True, doc="waiting, sending, done, unknown"),
    Column("outcome", String(16), doc="sent, ignored, limited, …"),
    Column("recorded_at", String(27), nullable=False, index=True, doc="UTC"),
    Column("finished_at", String(27), doc="UTC"),
    Index("ix_updates_message_id", "bot_id", "chat_id", "message_id"),
    Index("ix_updates_reply_message_id", "chat_id", "reply_message_id"),
)
"""Every received update, by bot."""

answers = Table(
    "answers",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("given", Text, nullable=False, doc="JSON of `AnswerState`"),
    Column("continued_by", BigInteger, doc="the update whose answer continues it"),
    Column("given_at", String(27), nullable=False, index=True, doc="UTC"),
)
"""The state of answers, which their buttons need."""

conversations = Table(
    "conversations",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, primary_key=True, autoincrement=False, doc="who asked"),
    Column("question", Text, nullable=False, doc="as it was understood"),
    Column("article_ids", Text, nullable=False, doc="JSON: the articles of the first quotes"),
    Column("asked_at", String(27), nullable=False, index=True, doc="UTC"),
)
"""The last question of each person in each chat, which a follow-up leans on."""

feedback = Table(
    "feedback",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False, doc="of the question"),
    Column("actor_id", BigInteger, primary_key=True, autoincrement=False, doc="who rates it"),
    Column("rating", String(4), nullable=False, doc="up or down"),
    Column("question", Text, nullable=False, doc="as it was understood"),
    Column("article_ids", Text, nullable=False, doc="JSON: the articles of the quotes, in order"),
    Column("rated_at", String(27), nullable=False, doc="UTC"),
)
"""What readers think of answers; `briefing feedback export` writes it."""

editors = Table(
    "editors",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, doc="of the user"),
    Column("name", Text, doc="from Telegram, at the time of joining"),
    Column("since", String(27), doc="UTC; null if not an admin (options of an owner)"),
    Column("at_once", Boolean, nullable=False, default=False, doc="publish without a preview"),
)
"""Users who may add, correct and remove articles, besides the owners, who are in the settings."""

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True, doc="of the token in the link"),
    Column("made_at", String(27), nullable=False, doc="UTC"),
    Column("made_by", Text, nullable=False),
    Column("used_by", BigInteger, doc="the user who opened the link, which works once"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False, doc="the update that contained it"),
    Column("place", Integer, nullable=False, doc="position in the update, from 0"),
    Column("editor", BigInteger, nullable=False),
    Column("made_at", String(27), nullable=False, index=True, doc="UTC"),
    Column("state", String(12), nullable=False, doc="open, published, discarded, failed"),
    Column(
        "brought",
        Text,
        nullable=False,
        doc="JSON: the article, or the failure and its reason",
    ),
    Column("outcome", String(12), doc="of publishing"),
    Column("article_id", Text, doc="the published article"),
    Column("entry", Integer, doc="number of the audit entry, which can be undone"),
    UniqueConstraint("bot_id", "update_id", "place", name="uq_drafts_bot_id"),
    sqlite_autoincrement=True,
)
"""Articles that editors submitted, and their state until they are published or discarded."""

prompts = Table(
    "prompts",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("editor", BigInteger, primary_key=True, autoincrement=False),
    Column("of", String(8), nullable=False, doc="draft or article"),
    Column("number", Integer, nullable=False, doc="of the draft or article"),
    Column("field", String(10), nullable=False, doc="title, source, published, text"),
    Column("asked_at", String(27), nullable=False, doc="UTC"),
    Column("answered_by", BigInteger, doc="the update that answered it"),
)
"""Prompts to editors. The next message of the editor is the reply, not a question."""
