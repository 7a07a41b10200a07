"""The archive at one moment: several things read of it agree with one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, func, select

from index.models import Article, DateWindow
from index.storage import cross_lingual_vectors, row_mapping, vocabulary
from index.storage.records import CandidatePassage
from index.storage.schema import articles, changes, passages, terms
from index.storage.vocabulary import SimilarTerms, bind_array

_IS_LIVE_INDEXED = articles.c.removed_at.is_(None)
IS_LIVE = func.coalesce(articles.c.removed_at, "") == ""
"""Live, said so that no index serves it: where passages or articles are named, the database is to
begin with these, not with all that are live."""
_PUBLISHED = func.coalesce(articles.c.published_at, articles.c.published_on)
# What is read at every question is put together once.
_SELECT_LAST_CHANGE = select(func.max(changes.c.seq))
_SELECT_CANDIDATES = (
    select(
        passages.c.id,
        passages.c.article_key,
        passages.c.start,
        passages.c.end,
        passages.c.words,
        passages.c.vector,
        passages.c.sentences,
        passages.c.sentence_vectors,
        terms.c.words,
        terms.c.counts,
        articles.c.id,
        articles.c.language,
        _PUBLISHED,
    )
    .join_from(passages, terms)
    .join(articles)
    .where(
        passages.c.id.in_(bind_array("ids")),
        IS_LIVE,
        func.coalesce(articles.c.embedded_by, "") == bindparam("fingerprint"),
    )
)
_COPIES = passages.alias("twins")
_SELECT_CARRYING_ARTICLES = (
    select(passages.c.id.label("passage_id"), articles)
    .join_from(passages, _COPIES, passages.c.words == _COPIES.c.words)
    .join(articles, articles.c.key == _COPIES.c.article_key)
    .where(passages.c.id.in_(bind_array("ids")), IS_LIVE)
    .order_by(articles.c.key)
)
_SELECT_ANY_DATED = select(articles.c.key).where(_IS_LIVE_INDEXED, _PUBLISHED.is_not(None)).limit(1)


class Snapshot:
    """What a question reads, as of one moment. Only live articles are seen."""

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        return self._connection.scalar(_SELECT_LAST_CHANGE) or 0

    def article_keys_within(self, window: DateWindow) -> NDArray[np.int64]:
        """Return the keys of the articles published in the window."""
        conditions = row_mapping.published_within(window, self._zone)
        query = select(articles.c.key).where(IS_LIVE, *conditions)
        return np.fromiter(self._connection.scalars(query), np.int64)

    def has_dates(self) -> bool:
        """Say whether the date of any article is known."""
        return self._connection.scalar(_SELECT_ANY_DATED) is not None

    def newest_passage_ids(self, window: DateWindow | None, limit: int) -> list[int]:
        """Return the first passages of the articles published last, unknown dates left out.

        The newest of those with a time and of those with a day alone are read from the ends of
        their indexes.
        """
        conditions = row_mapping.published_within(window or DateWindow(), self._zone)
        dated_keys: list[tuple[str, int]] = []
        for column in (articles.c.published_at, articles.c.published_on):
            query = (
                select(column, articles.c.key)
                .where(IS_LIVE, column.is_not(None), *conditions)
                .order_by(column.desc(), articles.c.key.desc())
                .limit(limit)
            )
            dated_keys += [(row[0], row[1]) for row in self._connection.execute(query)]
        keys = [key for _, key in sorted(dated_keys, reverse=True)[:limit]]
        query = (
            select(passages.c.article_key, func.min(passages.c.id))
            .where(passages.c.article_key.in_(keys))
            .group_by(passages.c.article_key)
        )
        first_passage_ids = {row[0]: row[1] for row in self._connection.execute(query)}
        return [first_passage_ids[key] for key in keys]

    def candidates(
        self, fingerprint: str, passage_ids: Iterable[int]
    ) -> dict[int, CandidatePassage]:
        """Return these passages with what ranking needs, by id; those gone are missing."""
        parameters = {"ids": list(passage_ids), "fingerprint": fingerprint}
        return row_mapping.decode_candidates(
            self._connection.execute(_SELECT_CANDIDATES, parameters).all()
        )

    def read_cross_lingual_vectors(
        self, model: str, passage_ids: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Return what a second encoder made of these passages, (e,) each; some may be missing."""
        return cross_lingual_vectors.read(self._connection, model, passage_ids)

    def similar_terms(self, stems: Collection[str], sound_keys: Collection[str]) -> SimilarTerms:
        """Return stored words of one of these stems, and those of one of these sounds.

        Where they are very many, those stored longest are returned.
        """
        return vocabulary.similar_terms(self._connection, stems, sound_keys)

    def articles_by_passage(self, passage_ids: Iterable[int]) -> dict[int, dict[int, Article]]:
        """Return all articles that carry these passages, or copies of them, by passage and key.

        Of each passage the oldest article comes first.
        """
        articles_by_passage: dict[int, dict[int, Article]] = defaultdict(dict)
        for row in self._connection.execute(
            _SELECT_CARRYING_ARTICLES, {"ids": list(passage_ids)}
        ).all():
            articles_by_passage[row.passage_id][row.key] = row_mapping.to_article(row)
        return articles_by_passage
