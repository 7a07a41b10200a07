"""Add feeds, their items, pending articles, hosts and sent lists; mark additions as no news."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and columns."""
    false = sa.text("0")
    only_summary = sa.Column("only_summary", sa.Boolean, nullable=False, server_default=false)
    op.add_column("articles", only_summary)
    op.add_column("changes", sa.Column("quiet", sa.Boolean, nullable=False, server_default=false))
    op.create_table(
        "feeds",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("page", sa.Text),
        sa.Column("language_said", sa.String(40)),
        sa.Column("source", sa.Text),
        sa.Column("language", sa.String(40)),
        sa.Column("hold", sa.Boolean, nullable=False),
        sa.Column("require", sa.Text, nullable=False),
        sa.Column("refuse", sa.Text, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("added_at", sa.String(27), nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("next_at", sa.String(27), nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("modified", sa.Text),
        sa.Column("digest", sa.String(64)),
        sa.Column("minutes", sa.Integer),
        sa.Column("begun", sa.Boolean, nullable=False),
        sa.Column("asked_at", sa.String(27)),
        sa.Column("succeeded_at", sa.String(27)),
        sa.Column("failed_at", sa.String(27)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.String(24)),
        sa.Column("error_said", sa.Text),
        sa.Column("told_at", sa.String(27)),
        sa.PrimaryKeyConstraint("number", name="pk_feeds"),
        sa.UniqueConstraint("address", name="uq_feeds_address"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feeds_next_at", "feeds", ["next_at"])
    op.create_table(
        "feed_items",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("feed", sa.Integer, nullable=False),
        sa.Column("by_id", sa.BigInteger),
        sa.Column("by_url", sa.BigInteger),
        sa.Column("by_words", sa.BigInteger),
        sa.Column("published", sa.String(40)),
        sa.Column("said", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("entry", sa.Text),
        sa.Column("host", sa.Text),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("revisits", sa.Integer, nullable=False),
        sa.Column("next_at", sa.String(27)),
        sa.Column("first_seen", sa.String(27), nullable=False),
        sa.Column("last_seen", sa.String(27), nullable=False),
        sa.Column("article_id", sa.Text),
        sa.Column("own", sa.Boolean, nullable=False),
        sa.Column("why", sa.String(24)),
        sa.PrimaryKeyConstraint("number", name="pk_feed_items"),
        sa.ForeignKeyConstraint(
            ["feed"], ["feeds.number"], name="fk_feed_items_feed", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("feed", "first_seen", "last_seen"):
        op.create_index(f"ix_feed_items_{column}", "feed_items", [column])
    op.create_index("ix_feed_items_waiting", "feed_items", ["state", "next_at"])
    op.create_table(
        "held",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("brought", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_held"),
        sa.ForeignKeyConstraint(
            ["item"], ["feed_items.number"], name="fk_held_item", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("item", "state"):
        op.create_index(f"ix_held_{column}", "held", [column])
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("free_at", sa.String(27)),
        sa.Column("robots", sa.Text),
        sa.Column("robots_at", sa.String(27)),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    op.create_table(
        "feed_lists",
        sa.Column("editor", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("editor", "day", name="pk_feed_lists"),
    )


def downgrade() -> None:
    """Drop the tables and columns."""
    for name in ("feed_lists", "hosts", "held", "feed_items", "feeds"):
        op.drop_table(name)
    op.drop_column("changes", "quiet")
    op.drop_column("articles", "only_summary")
