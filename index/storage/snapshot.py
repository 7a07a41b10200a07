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

_LIVE = articles.c.removed_at.is_(None)
IS_LIVE = func.coalesce(articles.c.removed_at, "") == ""
"""Live, said so that no index serves it: where passages or articles are named, the database is to
begin with these, not with all that are live."""
_WHEN = func.coalesce(articles.c.published_at, articles.c.published_on)
# What is read at every question is put together once.
_LAST_CHANGE = select(func.max(changes.c.seq))
_CANDIDATES = (
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
        _WHEN,
    )
    .join_from(passages, terms)
    .join(articles)
    .where(
        passages.c.id.in_(bind_array("ids")),
        IS_LIVE,
        func.coalesce(articles.c.embedded_by, "") == bindparam("fingerprint"),
    )
)
_TWINS = passages.alias("twins")
_CARRIERS = (
    select(passages.c.id.label("passage_id"), articles)
    .join_from(passages, _TWINS, passages.c.words == _TWINS.c.words)
    .join(articles, articles.c.key == _TWINS.c.article_key)
    .where(passages.c.id.in_(bind_array("ids")), IS_LIVE)
    .order_by(articles.c.key)
)
_DATED = select(articles.c.key).where(_LIVE, _WHEN.is_not(None)).limit(1)


class Snapshot:
    """What a question reads, as of one moment. Only live articles are seen."""

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        return self._connection.scalar(_LAST_CHANGE) or 0

    def articles_within(self, window: DateWindow) -> NDArray[np.int64]:
        """Return the keys of the articles published in the window."""
        within = row_mapping.within(window, self._zone)
        query = select(articles.c.key).where(IS_LIVE, *within)
        return np.fromiter(self._connection.scalars(query), np.int64)

    def has_dates(self) -> bool:
        """Say whether the date of any article is known."""
        return self._connection.scalar(_DATED) is not None

    def newest_passages(self, window: DateWindow | None, limit: int) -> list[int]:
        """Return the first passages of the articles published last, unknown dates left out.

        The newest of those with a time and of those with a day alone are read from the ends of
        their indexes.
        """
        within = row_mapping.within(window or DateWindow(), self._zone)
        found: list[tuple[str, int]] = []
        for date in (articles.c.published_at, articles.c.published_on):
            query = (
                select(date, articles.c.key)
                .where(IS_LIVE, date.is_not(None), *within)
                .order_by(date.desc(), articles.c.key.desc())
                .limit(limit)
            )
            found += [(row[0], row[1]) for row in self._connection.execute(query)]
        keys = [key for _, key in sorted(found, reverse=True)[:limit]]
        query = (
            select(passages.c.article_key, func.min(passages.c.id))
            .where(passages.c.article_key.in_(keys))
            .group_by(passages.c.article_key)
        )
        firsts = {row[0]: row[1] for row in self._connection.execute(query)}
        return [firsts[key] for key in keys]

    def candidates(
        self, fingerprint: str, passage_ids: Iterable[int]
    ) -> dict[int, CandidatePassage]:
        """Return these passages with what ranking needs, by id; those gone are missing."""
        given = {"ids": list(passage_ids), "fingerprint": fingerprint}
        return row_mapping.candidates(self._connection.execute(_CANDIDATES, given).all())

    def second_vectors(
        self, model: str, passage_ids: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Return what a second encoder made of these passages, (e,) each; some may be missing."""
        return cross_lingual_vectors.read(self._connection, model, passage_ids)

    def words_like(self, stems: Collection[str], sounds: Collection[str]) -> SimilarTerms:
        """Return stored words of one of these stems, and those of one of these sounds.

        Where they are very many, those stored longest are returned.
        """
        return vocabulary.words_like(self._connection, stems, sounds)

    def carriers(self, passage_ids: Iterable[int]) -> dict[int, dict[int, Article]]:
        """Return all articles that carry these passages, or copies of them, by passage and key.

        Of each passage the oldest article comes first.
        """
        found: dict[int, dict[int, Article]] = defaultdict(dict)
        for row in self._connection.execute(_CARRIERS, {"ids": list(passage_ids)}).all():
            found[row.passage_id][row.key] = row_mapping.article(row)
        return found
