"""Add the digests of pages' texts, and when editors were told of queued items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("feeds") as feeds:
        feeds.add_column(sa.Column("queue_told_at", sa.String(27)))
    with op.batch_alter_table("feed_items") as feed_items:
        feed_items.add_column(sa.Column("page_text", sa.BigInteger))
    op.create_index("ix_feed_items_page_text", "feed_items", ["page_text"])


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("ix_feed_items_page_text", "feed_items")
    with op.batch_alter_table("feed_items") as feed_items:
        feed_items.drop_column("page_text")
    with op.batch_alter_table("feeds") as feeds:
        feeds.drop_column("queue_told_at")
