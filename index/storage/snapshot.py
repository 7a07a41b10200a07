"""Read a consistent view of the archive within one read transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from index.models import Article, DateWindow, SearchScope
from index.storage import cross_lingual_vectors, row_mapping, token_vectors, vocabulary
from index.storage.records import CandidatePassage
from index.storage.schema import articles, changes, passages, terms
from index.storage.vocabulary import SimilarTerms, bind_array

_IS_LIVE_INDEXED = articles.c.removed_at.is_(None)
IS_LIVE = func.coalesce(articles.c.removed_at, "") == ""
"""Live, written so that SQLite uses no index for it: a query for given passages or articles must
start from those, not from all live articles."""
_PUBLISHED = func.coalesce(articles.c.published_at, articles.c.published_on)
# Statements that run for every question are built once.
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
_COPIES = passages.alias("copies")
_SELECT_CARRYING_ARTICLES = (
    select(passages.c.id.label("passage_id"), articles)
    .join_from(passages, _COPIES, passages.c.words == _COPIES.c.words)
    .join(articles, articles.c.key == _COPIES.c.article_key)
    .where(passages.c.id.in_(bind_array("ids")), IS_LIVE)
    .order_by(articles.c.key)
)
_SELECT_ANY_DATED = select(articles.c.key).where(_IS_LIVE_INDEXED, _PUBLISHED.is_not(None)).limit(1)


class Snapshot:
    """A consistent view of the live articles, for one question."""

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        return self._connection.scalar(_SELECT_LAST_CHANGE) or 0

    def article_keys_within(self, scope: SearchScope) -> NDArray[np.int64]:
        """Return the keys (n,) of the articles in the scope."""
        query = select(articles.c.key).where(IS_LIVE, *self._conditions(scope))
        return np.fromiter(self._connection.scalars(query), np.int64)

    def has_articles_within(self, window: DateWindow) -> bool:
        """Return whether any article was published in the window."""
        conditions = row_mapping.published_within(window, self._zone)
        query = select(articles.c.key).where(IS_LIVE, *conditions).limit(1)
        return self._connection.scalar(query) is not None

    def newest_articles(
        self, article_keys: Collection[int], scope: SearchScope, limit: int
    ) -> list[int]:
        """Return the keys of the `limit` newest of these articles in the scope, newest first.

        Undated articles are left out.
        """
        query = (
            select(articles.c.key)
            .where(
                articles.c.key.in_(bind_array("keys")),
                IS_LIVE,
                _PUBLISHED.is_not(None),
                *self._conditions(scope),
            )
            .order_by(_PUBLISHED.desc(), articles.c.key.desc())
            .limit(limit)
        )
        return list(self._connection.scalars(query, {"keys": list(article_keys)}))

    def publication_days(
        self, article_keys: Collection[int], scope: SearchScope
    ) -> list[tuple[int, date | None]]:
        """Return the keys of those of these articles in the scope, with their days of publication.

        The oldest is first; undated articles come before it.
        """
        query = (
            select(articles.c.key, func.substr(articles.c.published, 1, 10))
            .where(
                articles.c.key.in_(bind_array("keys")),
                IS_LIVE,
                *self._conditions(scope),
            )
            .order_by(_PUBLISHED, articles.c.key)
        )
        return [
            (key, date.fromisoformat(day) if day else None)
            for key, day in self._connection.execute(query, {"keys": list(article_keys)})
        ]

    def articles(self, article_keys: Collection[int]) -> dict[int, Article]:
        """Return these articles by key."""
        query = select(articles).where(articles.c.key.in_(bind_array("keys")), IS_LIVE)
        rows = self._connection.execute(query, {"keys": list(article_keys)})
        return {row.key: row_mapping.to_article(row) for row in rows}

    def sources(self) -> list[str]:
        """Return the names of the sources of all articles, each once."""
        query = select(articles.c.source).where(IS_LIVE, articles.c.source.is_not(None)).distinct()
        return list(self._connection.scalars(query))

    def _conditions(self, scope: SearchScope) -> list[ColumnElement[bool]]:
        conditions = row_mapping.published_within(scope.window, self._zone)
        if scope.sources:
            conditions.append(articles.c.source.in_(scope.sources))
        return conditions

    def has_dates(self) -> bool:
        """Return whether any article has a known publication date."""
        return self._connection.scalar(_SELECT_ANY_DATED) is not None

    def newest_passage_ids(self, scope: SearchScope, limit: int) -> list[int]:
        """Return the first passage's id of each of the `limit` newest articles, newest first.

        Undated articles are left out. Articles with a publication time and those with a day only
        are read from the ends of their two indexes, then merged.
        """
        conditions = self._conditions(scope)
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
        """Return these passages with their ranking data, by id; passages not live are missing.

        Passages whose vectors are not of the model `fingerprint` are missing as well.
        """
        parameters = {"ids": list(passage_ids), "fingerprint": fingerprint}
        return row_mapping.decode_candidates(
            self._connection.execute(_SELECT_CANDIDATES, parameters).all()
        )

    def read_cross_lingual_vectors(
        self, model: str, passage_ids: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Return the cross-lingual vectors (e,) by passage id; some may be missing."""
        return cross_lingual_vectors.read(self._connection, model, passage_ids)

    def read_token_vectors(
        self, model: str, passage_ids: Sequence[int]
    ) -> dict[int, token_vectors.PackedTokens]:
        """Return the token vectors by passage id; some may be missing."""
        return token_vectors.read(self._connection, model, passage_ids)

    def similar_terms(self, stems: Collection[str], sound_keys: Collection[str]) -> SimilarTerms:
        """Return ids of stored words by stem and by phonetic key.

        Each kind is limited to `MAX_SIMILAR_TERMS` words, the first stored first.
        """
        return vocabulary.similar_terms(self._connection, stems, sound_keys)

    def words_after(self, word_id: int) -> Iterator[tuple[int, str]]:
        """Yield the ids and words stored after the word with this id, in order of their ids."""
        return vocabulary.words_after(self._connection, word_id)

    def word_ids(self, words: Collection[str]) -> dict[str, int]:
        """Return the ids of those of these words that are stored."""
        return vocabulary.find_word_ids(self._connection, list(words))

    def articles_by_passage(self, passage_ids: Iterable[int]) -> dict[int, dict[int, Article]]:
        """Return all articles that contain these passages or copies of them.

        The result maps passage id to article key to article, the first added article first.
        """
        articles_by_passage: dict[int, dict[int, Article]] = defaultdict(dict)
        for row in self._connection.execute(
            _SELECT_CARRYING_ARTICLES, {"ids": list(passage_ids)}
        ).all():
            articles_by_passage[row.passage_id][row.key] = row_mapping.to_article(row)
        return articles_by_passage
