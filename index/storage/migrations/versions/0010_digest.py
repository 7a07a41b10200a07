"""Add the digest: subscriptions, payloads, deliveries, watches and cursors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "subscriptions",
        sa.Column("bot_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("taste", sa.Text, nullable=False),
        sa.Column("next_at", sa.String(27)),
        sa.Column("ended_why", sa.String(8)),
        sa.Column("told_upto", sa.Integer),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "chat_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_next", "subscriptions", ["bot_id", "next_at"])
    op.create_table(
        "contents",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_contents"),
        sa.UniqueConstraint("said", name="uq_contents_said"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contents_made_at", "contents", ["made_at"])
    op.create_table(
        "deliveries",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("of", sa.String(20), nullable=False),
        sa.Column("content", sa.Integer),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("why", sa.String(8)),
        sa.Column("due_at", sa.String(27), nullable=False),
        sa.Column("until", sa.String(27)),
        sa.Column("decided_at", sa.String(27), nullable=False),
        sa.Column("finished_at", sa.String(27)),
        sa.Column("offered_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["content"], ["contents.number"], name="fk_deliveries_content"),
        sa.UniqueConstraint("bot_id", "chat_id", "kind", "of", name="uq_deliveries_bot_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_content", "deliveries", ["content"])
    op.create_index("ix_deliveries_state", "deliveries", ["bot_id", "state", "due_at"])
    op.create_table(
        "watches",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_watches"),
        sa.UniqueConstraint("bot_id", "chat_id", "said", name="uq_watches_bot_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursors",
        sa.Column("bot_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "name", name="pk_cursors"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("cursors", "watches", "deliveries", "contents", "subscriptions"):
        op.drop_table(name)
