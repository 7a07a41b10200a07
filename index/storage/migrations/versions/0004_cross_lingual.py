"""Add cross-lingual vectors, and write phonetic keys of Arabic-script words in capitals.

`briefing reembed` computes the vectors, because that needs the encoder.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and rewrite the phonetic keys."""
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
    _sounds(sa.func.upper)


def downgrade() -> None:
    """Drop the table and restore the phonetic keys."""
    _sounds(sa.func.lower)
    op.drop_table("second_vectors")


def _sounds(case: Callable[[sa.ColumnElement[str]], sa.ColumnElement[str]]) -> None:
    """Convert the phonetic keys of words in Arabic letters to a letter case."""
    words = sa.table("words", sa.column("id"), sa.column("word", sa.String))
    sounds = sa.table("sounds", sa.column("sound", sa.String), sa.column("word_id"))
    in_arabic = sa.select(words.c.id).where(words.c.word.bool_op("GLOB")("*[\u0621-\u064a]*"))
    op.execute(
        sounds.update().where(sounds.c.word_id.in_(in_arabic)).values(sound=case(sounds.c.sound))
    )
