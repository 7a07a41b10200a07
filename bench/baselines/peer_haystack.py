"""Haystack: chunks of 200 words in the store in memory; BM25 joined to it by reciprocal rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from haystack import Document, Pipeline  # type: ignore[import-not-found]
from haystack.components.joiners import DocumentJoiner  # type: ignore[import-not-found]
from haystack.components.preprocessors import DocumentSplitter  # type: ignore[import-not-found]
from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import (  # type: ignore[import-not-found]
    InMemoryDocumentStore,
)
from haystack_integrations.components.embedders.sentence_transformers import (  # type: ignore[import-not-found]
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


def indexer(model: Path, folder: Path) -> Callable[[Sequence[tuple[str, str, str]]], int]:
    embedder = SentenceTransformersDocumentEmbedder(
        model=str(model), prefix="passage: ", normalize_embeddings=True, progress_bar=False
    )
    embedder.warm_up()
    splitter = DocumentSplitter()

    def index(articles: Sequence[tuple[str, str, str]]) -> int:
        whole = [
            Document(content=text, meta={"article": id, "title": title})
            for id, title, text in articles
        ]
        chunks = [_titled(chunk) for chunk in splitter.run(documents=whole)["documents"]]
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        store.write_documents(embedder.run(documents=chunks)["documents"])
        folder.mkdir()
        store.save_to_disk(str(folder / "store.json"))
        return int(store.count_documents())

    return index


def _titled(chunk: Any) -> Any:
    """Put the title where BM25 finds it too: `meta_fields_to_embed` would be for vectors alone."""
    title = chunk.meta["title"]
    return Document(content=f"{title}\n{chunk.content}", meta=chunk.meta) if title else chunk


def searcher(model: Path, folder: Path, hybrid: bool) -> Callable[[str, int], list[str]]:
    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder",
        SentenceTransformersTextEmbedder(
            model=str(model), prefix="query: ", normalize_embeddings=True, progress_bar=False
        ),
    )
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(document_store=store))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    if hybrid:
        pipeline.add_component("words", InMemoryBM25Retriever(document_store=store))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("words", "joiner")
        pipeline.connect("dense", "joiner")

    def search(question: str, limit: int) -> list[str]:
        data = {"embedder": {"text": question}, "dense": {"top_k": limit}}
        if hybrid:
            data |= {"words": {"query": question, "top_k": limit}, "joiner": {"top_k": limit}}
        found = pipeline.run(data)["joiner" if hybrid else "dense"]["documents"]
        return [document.meta["article"] for document in found]

    return search
