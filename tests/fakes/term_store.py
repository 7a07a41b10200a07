"""Words without a database, for the tests of search by words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from index.search.bm25_index import QueryTerm
from index.storage.records import PassageTerms
from tests.fakes.change_log import ChangeLog

Words = tuple[list[int], list[int]]
"""A passage: the words of its context, and its own."""


class FakeTermStore(ChangeLog):
    """Words by article, and the log of what changed: what the store is to the index."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def put(self, key: int, *passages: list[int], context: list[int] | None = None) -> None:
        self.hold(key, [(context or [], own) for own in passages])

    def passages(self) -> dict[int, Words]:
        return {p: words for owned in self.articles.values() for p, words in owned.items()}

    def passage_terms(self, article_keys: Iterable[int] | None = None) -> Iterator[PassageTerms]:
        self.reads += 1
        wanted = self.articles if article_keys is None else set(article_keys)
        rows = sorted(
            (passage, key, *words)
            for key, owned in self.articles.items()
            if key in wanted
            for passage, words in owned.items()
        )
        for some in (rows[at : at + 3] for at in range(0, len(rows), 3)):
            yield PassageTerms(
                np.array([row[0] for row in some], np.int64),
                np.array([row[1] for row in some], np.int64),
                np.array([word for row in some for word in (*row[2], *row[3])], np.int32),
                np.array([len(row[2]) + len(row[3]) for row in some], np.int32),
                np.array([len(row[3]) for row in some], np.int32),
            )


def word(*ids: int) -> QueryTerm:
    return QueryTerm(((np.array(ids, np.int32),),))


def together(*groups: int) -> QueryTerm:
    return QueryTerm((tuple(np.array([each], np.int32) for each in groups),))
