"""Add the last question of each person in each chat, which a follow-up leans on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "conversations",
        sa.Column("bot_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("actor_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("article_ids", sa.Text, nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "chat_id", "actor_id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_asked_at", "conversations", ["asked_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("conversations")
