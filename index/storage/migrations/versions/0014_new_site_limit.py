"""Note which feed led to a site first, and the limit of new sites; drop oversized robots.txt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MAX_ROBOTS_CHARACTERS = 500 * 1_024


def upgrade() -> None:
    """Add the columns; a robots.txt that is dropped is fetched again."""
    op.add_column("hosts", sa.Column("feed", sa.Integer))
    op.add_column("hosts", sa.Column("first_at", sa.String(27)))
    op.create_index("ix_hosts_feed", "hosts", ["feed", "first_at"])
    op.add_column("feeds", sa.Column("site_limit_at", sa.String(27)))
    op.add_column("feeds", sa.Column("site_limit_told_at", sa.String(27)))
    hosts = sa.table("hosts", sa.column("robots"), sa.column("robots_at"))
    is_oversized = sa.func.length(hosts.c.robots) > _MAX_ROBOTS_CHARACTERS
    op.execute(sa.update(hosts).where(is_oversized).values(robots=None, robots_at=None))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("ix_hosts_feed", "hosts")
    for table, columns in (
        ("hosts", ("feed", "first_at")),
        ("feeds", ("site_limit_at", "site_limit_told_at")),
    ):
        with op.batch_alter_table(table) as altered:
            for column in columns:
                altered.drop_column(column)
