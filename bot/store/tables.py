"""The bot's tables, in the archive's database and in its one history of migrations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from index.store.tables import metadata

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
