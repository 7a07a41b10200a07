"""Add the tables of the editorial workflow: editors, invitations, drafts and prompts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "editors",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("since", sa.String(27)),
        sa.Column("at_once", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editors"),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("used_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_invitations"),
    )
    op.create_table(
        "drafts",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("update_id", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("editor", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("brought", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(12)),
        sa.Column("article_id", sa.Text),
        sa.Column("entry", sa.Integer),
        sa.PrimaryKeyConstraint("number", name="pk_drafts"),
        sa.UniqueConstraint("bot_id", "update_id", "place", name="uq_drafts_bot_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_made_at", "drafts", ["made_at"])
    op.create_table(
        "prompts",
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("editor", sa.BigInteger, nullable=False),
        sa.Column("of", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("field", sa.String(10), nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("answered_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("bot_id", "editor", name="pk_prompts"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("prompts", "drafts", "invitations", "editors"):
        op.drop_table(name)
