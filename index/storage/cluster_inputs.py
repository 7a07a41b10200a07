"""Read the articles of a publication window or change range, with vectors and terms to cluster."""

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
from index.storage.schema import articles, changes
from index.storage.snapshot import IS_LIVE


class ClusteringInput(NamedTuple):
    """Articles by key, and their n passages ordered by id."""

    articles: dict[int, Article]
    passage_ids: NDArray[np.int64]
    """(n,)"""
    article_keys: NDArray[np.int64]
    """(n,): the key of each passage's article."""
    vectors: Vectors
    """(n, d)"""
    terms: list[PassageTerms]


def read_clustering_input(
    connection: Connection, window: DateWindow | None, fingerprint: str, zone: ZoneInfo
) -> ClusteringInput:
    """Read the articles published in a window that have vectors of the model `fingerprint`."""
    return _read(connection, fingerprint, and_(true(), *row_mapping.published_within(window, zone)))


def read_clustering_input_for_changes(
    connection: Connection,
    change_range: ChangeRange,
    preceding_window: DateWindow,
    fingerprint: str,
    zone: ZoneInfo,
) -> tuple[ClusteringInput, frozenset[int]]:
    """Read the new articles of a change range and the articles published in `preceding_window`.

    An article of the range is read if it was not added quietly and was published since the range's
    first day, or is undated. Articles added after the range are left out. Also returns the keys of
    all articles read that were added in the range, not quietly.
    """
    added = select(changes.c.article_key).where(changes.c.kind == "added")
    added_in_range = added.where(
        changes.c.seq > change_range.after_seq,
        changes.c.seq <= change_range.through_seq,
        changes.c.quiet.is_(False),
    )
    added_later = added.where(changes.c.seq > change_range.through_seq)
    recent = and_(
        *row_mapping.published_within(DateWindow(since=change_range.published_since), zone)
    )
    is_new = and_(articles.c.key.in_(added_in_range), or_(articles.c.published.is_(None), recent))
    is_included = or_(and_(true(), *row_mapping.published_within(preceding_window, zone)), is_new)
    clustering_input = _read(
        connection, fingerprint, is_included, articles.c.key.not_in(added_later)
    )
    new_keys = frozenset(connection.scalars(added_in_range)) & clustering_input.articles.keys()
    return clustering_input, new_keys


def _read(
    connection: Connection, fingerprint: str, *conditions: ColumnElement[bool]
) -> ClusteringInput:
    query = select(articles).where(IS_LIVE, articles.c.embedded_by == fingerprint, *conditions)
    articles_by_key = {row.key: row_mapping.to_article(row) for row in connection.execute(query)}
    ids, owners, vectors = passage_vectors(connection, fingerprint, articles_by_key)
    batches = list(passage_terms(connection, articles_by_key))
    return ClusteringInput(articles_by_key, ids, owners, vectors, batches)
