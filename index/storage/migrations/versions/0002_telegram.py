"""Add the tables of `bot/`: people, Telegram updates, and answers that buttons refer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("language", sa.String(2)),
        sa.Column("unreachable_since", sa.String(27)),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "updates",
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("update_id", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("payload", sa.Text),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.Column("finished_at", sa.String(27)),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_updates"),
    )
    op.create_index("ix_updates_state", "updates", ["state"])
    op.create_index("ix_updates_recorded_at", "updates", ["recorded_at"])
    op.create_table(
        "answers",
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("update_id", sa.BigInteger, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.Column("continued_by", sa.BigInteger),
        sa.Column("given_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_answers"),
    )
    op.create_index("ix_answers_given_at", "answers", ["given_at"])


def downgrade() -> None:
    """Drop the tables."""
    for name in ("answers", "updates", "people"):
        op.drop_table(name)
