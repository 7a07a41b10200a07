"""txtai: an article is one text, title before it, cut where the model ends; BM25 beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from txtai import Embeddings  # type: ignore[import-not-found]


def indexer(model: Path, folder: Path) -> Callable[[Sequence[tuple[str, str, str]]], int]:
    embeddings = Embeddings(
        path=str(model),
        instructions={"query": "query: ", "data": "passage: "},
        hybrid=True,
    )

    def index(articles: Sequence[tuple[str, str, str]]) -> int:
        texts = ((id, f"{title}\n{text}" if title else text) for id, title, text in articles)
        embeddings.index(texts)
        embeddings.save(str(folder))
        return int(embeddings.count())

    return index


def searcher(_model: Path, folder: Path, hybrid: bool) -> Callable[[str, int], list[str]]:
    embeddings = Embeddings()
    embeddings.load(str(folder))
    if not hybrid:
        embeddings.scoring = None
    return lambda question, limit: [id for id, _ in embeddings.search(question, limit)]
