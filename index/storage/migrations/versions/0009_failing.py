"""Add the instant since which a feed fails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; for feeds that fail already only the last failure is known."""
    op.add_column("feeds", sa.Column("failing_since", sa.String(27)))
    feeds = sa.table("feeds", *map(sa.column, ("failing_since", "failed_at", "failures")))
    failing = feeds.update().where(feeds.c.failures > 0)
    op.execute(failing.values(failing_since=feeds.c.failed_at))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("feeds", "failing_since")
