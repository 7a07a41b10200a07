"""What caches read of the articles that the log says have changed: vectors, and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from index.storage import row_mapping
from index.storage.records import PassageTerms, Vectors
from index.storage.schema import articles, passages, terms
from index.storage.snapshot import IS_LIVE

_PASSAGES_AT_ONCE = 5_000


def passage_vectors(
    connection: Connection, fingerprint: str, article_keys: Iterable[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
    """Return the ids, articles' keys and vectors (n, d) of these articles' passages."""
    query = (
        select(passages.c.id, passages.c.article_key, passages.c.vector)
        .join(articles)
        .where(
            articles.c.removed_at.is_(None),
            articles.c.embedded_by == fingerprint,
            passages.c.article_key.in_(list(article_keys)),
        )
        .order_by(passages.c.id)
    )
    rows = connection.execute(query).all()
    ids = np.fromiter((row.id for row in rows), np.int64, len(rows))
    owners = np.fromiter((row.article_key for row in rows), np.int64, len(rows))
    return ids, owners, row_mapping.vectors(row.vector for row in rows)


def passage_terms(
    connection: Connection, article_keys: Iterable[int] | None
) -> Iterator[PassageTerms]:
    """Give the words of these articles' passages, or of all, some thousands at a time."""
    live = select(articles.c.key)
    query = (
        select(terms.c.passage_id, passages.c.article_key, terms.c.words, terms.c.counts)
        .join_from(terms, passages)
        .order_by(terms.c.passage_id)
    )
    if article_keys is None:
        live = live.where(articles.c.removed_at.is_(None))
    else:
        named = list(article_keys)
        live = live.where(articles.c.key.in_(named), IS_LIVE)
        query = query.where(passages.c.article_key.in_(named))
    keys = set(connection.scalars(live))
    # The live ones are told here: the database would put all in order by itself first.
    streamed = connection.execution_options(yield_per=_PASSAGES_AT_ONCE).execute(query)
    for rows in streamed.partitions():
        kept = [row for row in rows if row.article_key in keys]
        if kept:
            yield row_mapping.passage_terms(kept)
