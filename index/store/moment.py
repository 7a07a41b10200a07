"""The archive at one moment: several things read of it agree with one another."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, func, select

from index.article import Article, Window
from index.store import mapping
from index.store.rows import Candidate
from index.store.tables import articles, changes, passages

_LIVE = articles.c.removed_at.is_(None)
# What is read at every question is put together once.
_LAST_CHANGE = select(func.max(changes.c.seq))
_CANDIDATES = (
    # All that ranking reads of a passage: its own cosine is known from the search.
    select(
        *(column for column in passages.c if column is not passages.c.vector),
        articles.c.id.label("article_id"),
    )
    .join_from(passages, articles)
    .where(
        passages.c.id.in_(bindparam("ids", expanding=True)),
        _LIVE,
        articles.c.embedded_by == bindparam("fingerprint"),
    )
)
_CARRIERS = (
    select(passages.c.words, passages.c.article_key)
    .join(articles)
    .where(passages.c.words.in_(bindparam("words", expanding=True)), _LIVE)
    .order_by(passages.c.article_key)
    .distinct()
)
_ARTICLES = select(articles).where(articles.c.key.in_(bindparam("keys", expanding=True)), _LIVE)


class Moment:
    """What a question reads, as of one moment. Only live articles are seen."""

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        return self._connection.scalar(_LAST_CHANGE) or 0

    def passage_ids_within(self, window: Window) -> NDArray[np.int64]:
        """Return the ids of the passages of articles published in the window."""
        within = mapping.within(window, self._zone)
        query = select(passages.c.id).join(articles).where(_LIVE, *within)
        return np.fromiter(self._connection.scalars(query), np.int64)

    def candidates(self, fingerprint: str, passage_ids: Iterable[int]) -> dict[int, Candidate]:
        """Return these passages with what ranking needs, by id; those gone are missing."""
        given = {"ids": list(passage_ids), "fingerprint": fingerprint}
        return mapping.candidates(self._connection.execute(_CANDIDATES, given).all())

    def carriers(self, words: Iterable[bytes]) -> dict[bytes, list[int]]:
        """Return the keys of all articles that carry passages of these words, oldest first."""
        found: dict[bytes, list[int]] = {}
        for row in self._connection.execute(_CARRIERS, {"words": list(words)}):
            found.setdefault(row.words, []).append(row.article_key)
        return found

    def articles(self, keys: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these keys."""
        rows = self._connection.execute(_ARTICLES, {"keys": list(keys)})
        return {row.key: mapping.article(row) for row in rows}
