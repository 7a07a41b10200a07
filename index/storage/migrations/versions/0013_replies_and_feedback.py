"""Add the messages of updates and their replies, and what readers think of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    with op.batch_alter_table("updates") as updates:
        updates.add_column(sa.Column("message_id", sa.BigInteger))
        updates.add_column(sa.Column("reply_message_id", sa.BigInteger))
    op.create_index("ix_updates_message_id", "updates", ["bot_id", "chat_id", "message_id"])
    op.create_index("ix_updates_reply_message_id", "updates", ["chat_id", "reply_message_id"])
    op.create_table(
        "feedback",
        sa.Column("bot_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("update_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("actor_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("rating", sa.String(4), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("article_ids", sa.Text, nullable=False),
        sa.Column("rated_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "update_id", "actor_id", name="pk_feedback"),
    )


def downgrade() -> None:
    """Drop the columns and the table."""
    op.drop_table("feedback")
    op.drop_index("ix_updates_reply_message_id", "updates")
    op.drop_index("ix_updates_message_id", "updates")
    with op.batch_alter_table("updates") as updates:
        updates.drop_column("reply_message_id")
        updates.drop_column("message_id")
