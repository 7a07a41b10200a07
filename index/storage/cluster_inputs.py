"""What was published in a window, with the vectors and words that tell what it reports."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from index.models import Article, ChangeRange, DateWindow
from index.storage import row_mapping
from index.storage.changed_passages import passage_terms, passage_vectors
from index.storage.records import PassageTerms, Vectors
from index.storage.schema import articles, changes, passages
from index.storage.snapshot import IS_LIVE


class ClusteringInput(NamedTuple):
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
    connection: Connection, window: DateWindow | None, fingerprint: str, zone: ZoneInfo
) -> ClusteringInput:
    """Read the articles of a window whose vectors are of the model with this fingerprint."""
    return _read(connection, fingerprint, and_(true(), *row_mapping.within(window, zone)))


def reported_news(
    connection: Connection, news: ChangeRange, before: DateWindow, fingerprint: str, zone: ZoneInfo
) -> tuple[ClusteringInput, frozenset[int]]:
    """Read what is news, and what was published in the window `before` and is no news.

    Returns the keys of what is news as well. What came later than it is left out.
    """
    came = select(changes.c.article_key).where(changes.c.kind == "added")
    fresh = came.where(
        changes.c.seq > news.after, changes.c.seq <= news.upto, changes.c.quiet.is_(False)
    )
    later = came.where(changes.c.seq > news.upto)
    recent = and_(*row_mapping.within(DateWindow(since=news.since), zone))
    new = and_(articles.c.key.in_(fresh), or_(articles.c.published.is_(None), recent))
    shown = or_(and_(true(), *row_mapping.within(before, zone)), new)
    found = _read(connection, fingerprint, shown, articles.c.key.not_in(later))
    keys = frozenset(connection.scalars(fresh)) & found.articles.keys()
    return found, keys


def _read(connection: Connection, fingerprint: str, *which: ColumnElement[bool]) -> ClusteringInput:
    query = select(articles).where(IS_LIVE, articles.c.embedded_by == fingerprint, *which)
    found = {row.key: row_mapping.article(row) for row in connection.execute(query)}
    ids, owners, vectors = passage_vectors(connection, fingerprint, found)
    named = select(passages.c.id, passages.c.words).where(passages.c.article_key.in_(found))
    digests = {row.id: row.words for row in connection.execute(named)}
    return ClusteringInput(
        found, ids, owners, vectors, list(passage_terms(connection, found)), digests
    )
