"""The second encoder's vectors, and which languages there are.

The vectors are not made here, because that takes the encoder: `briefing reembed` makes them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "second_vectors",
        sa.Column("passage_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_second_vectors"),
        sa.ForeignKeyConstraint(
            ["passage_id"],
            ["passages.id"],
            name="fk_second_vectors_passage_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_articles_languages", "articles", ["removed_at", "language"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_articles_languages", "articles")
    op.drop_table("second_vectors")
