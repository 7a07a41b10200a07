"""Read the vectors and terms of changed articles, for the caches that follow the change log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from index.storage import row_mapping
from index.storage.records import PassageTerms, Vectors
from index.storage.schema import articles, passages, terms
from index.storage.snapshot import IS_LIVE

_BATCH_SIZE = 5_000


def passage_vectors(
    connection: Connection, fingerprint: str, article_keys: Iterable[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
    """Return ids (n,), article keys (n,) and vectors (n, d) of these articles' passages."""
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
    return ids, owners, row_mapping.decode_vectors(row.vector for row in rows)


def passage_terms(
    connection: Connection, article_keys: Iterable[int] | None
) -> Iterator[PassageTerms]:
    """Yield the term ids of the passages of these articles, or of all, in batches of 5,000."""
    live_query = select(articles.c.key)
    query = (
        select(terms.c.passage_id, passages.c.article_key, terms.c.words, terms.c.counts)
        .join_from(terms, passages)
        .order_by(terms.c.passage_id)
    )
    if article_keys is None:
        live_query = live_query.where(articles.c.removed_at.is_(None))
    else:
        requested_keys = list(article_keys)
        live_query = live_query.where(articles.c.key.in_(requested_keys), IS_LIVE)
        query = query.where(passages.c.article_key.in_(requested_keys))
    live_keys = set(connection.scalars(live_query))
    # Live articles are filtered here: with a join the database would first sort all rows itself.
    streamed = connection.execution_options(yield_per=_BATCH_SIZE).execute(query)
    for rows in streamed.partitions():
        live_rows = [row for row in rows if row.article_key in live_keys]
        if live_rows:
            yield row_mapping.decode_passage_terms(live_rows)
