"""What was published in a window, with the vectors and words that tell what it reports."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from index.article import Article, Window
from index.store import mapping
from index.store.following import passage_terms, passage_vectors
from index.store.moment import IS_LIVE
from index.store.rows import PassageTerms, Vectors
from index.store.tables import articles, passages


class Reported(NamedTuple):
    """Articles by key, and their n passages in the order of their ids."""

    articles: dict[int, Article]
    passage_ids: NDArray[np.int64]
    """(n,)"""
    owners: NDArray[np.int64]
    """(n,): their articles' keys."""
    vectors: Vectors
    """(n, d)"""
    terms: list[PassageTerms]
    digests: dict[int, bytes]
    """By passage, of its words: equal for passages that say the same."""


def reported(
    connection: Connection, window: Window | None, fingerprint: str, zone: ZoneInfo
) -> Reported:
    """Read the articles of a window whose vectors are of the model with this fingerprint."""
    query = select(articles).where(
        IS_LIVE, articles.c.embedded_by == fingerprint, *mapping.within(window, zone)
    )
    found = {row.key: mapping.article(row) for row in connection.execute(query)}
    ids, owners, vectors = passage_vectors(connection, fingerprint, found)
    named = select(passages.c.id, passages.c.words).where(passages.c.article_key.in_(found))
    digests = {row.id: row.words for row in connection.execute(named)}
    return Reported(found, ids, owners, vectors, list(passage_terms(connection, found)), digests)
