"""Add the vocabulary and the passages' terms, for lexical search."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import sqlalchemy as sa
from alembic import op

from index.storage import vocabulary
from index.text.headline import build_headline
from index.text.spans import Span
from index.text.terms import LEAD_LENGTH, PassageTokens, passage_tokens

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH_SIZE = 200


def upgrade() -> None:
    """Create the tables and fill them from the existing articles, live and removed."""
    op.create_table(
        "words",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("stem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_words"),
        sa.UniqueConstraint("word", name="uq_words_word"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_words_stem", "words", ["stem"])
    op.create_table(
        "sounds",
        sa.Column("sound", sa.Text, nullable=False),
        sa.Column("word_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("sound", "word_id", name="pk_sounds"),
        sa.ForeignKeyConstraint(["word_id"], ["words.id"], name="fk_sounds_word_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "terms",
        sa.Column("passage_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_terms"),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name="fk_terms_passage_id", ondelete="CASCADE"
        ),
    )
    connection = op.get_bind()
    keys = connection.scalars(sa.text("SELECT key FROM articles ORDER BY key")).all()
    for first in range(0, len(keys), _BATCH_SIZE):
        chunk = keys[first : first + _BATCH_SIZE]
        vocabulary.store_terms(connection, _words_between(connection, chunk[0], chunk[-1]))


def _words_between(
    connection: sa.Connection, first_key: int, last_key: int
) -> list[tuple[int, PassageTokens]]:
    """Return (passage id, tokens) of the articles with keys from `first_key` to `last_key`."""
    rows = connection.execute(
        sa.text(
            "SELECT passages.id, articles.key, title, text, sentences FROM passages "
            "JOIN articles ON articles.key = article_key "
            "WHERE article_key BETWEEN :first AND :last ORDER BY article_key, start"
        ),
        {"first": first_key, "last": last_key},
    )
    tokens_by_passage: list[tuple[int, PassageTokens]] = []
    for _, group in groupby(rows, key=lambda row: row.key):
        passages = list(group)
        title, text = passages[0].title, passages[0].text
        spans = [_spans(row.sentences) for row in passages]
        body = Span(spans[0][0].start, spans[-1][-1].end)
        context = title or build_headline(text, body, LEAD_LENGTH)
        tokens = passage_tokens(text, context, spans, None if title else body.start)
        tokens_by_passage += zip([row.id for row in passages], tokens, strict=True)
    return tokens_by_passage


def _spans(offsets: bytes) -> list[Span]:
    pairs = np.frombuffer(offsets, "<i4").reshape(-1, 2).tolist()
    return [Span(start, end) for start, end in pairs]


def downgrade() -> None:
    """Drop the tables."""
    for name in ("terms", "sounds", "words"):
        op.drop_table(name)
