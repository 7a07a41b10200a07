"""LangChain: chunks of 1,000 characters, 200 of them shared; FAISS, and BM25 in an ensemble."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from langchain_classic.retrievers import EnsembleRetriever  # type: ignore[import-not-found]
from langchain_community.retrievers import BM25Retriever  # type: ignore[import-not-found]
from langchain_community.vectorstores import FAISS  # type: ignore[import-not-found]
from langchain_core.documents import Document  # type: ignore[import-not-found]
from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]
from langchain_text_splitters import (  # type: ignore[import-not-found]
    RecursiveCharacterTextSplitter,
)


def indexer(model: Path, folder: Path) -> Callable[[Sequence[tuple[str, str, str]]], int]:
    embeddings = _embeddings(model)
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)

    def index(articles: Sequence[tuple[str, str, str]]) -> int:
        documents = [
            Document(
                page_content=f"{title}\n{chunk}" if title else chunk,
                metadata={"article": id, "chunk": f"{id} {number}"},
            )
            for id, title, text in articles
            for number, chunk in enumerate(splitter.split_text(text))
        ]
        FAISS.from_documents(documents, embeddings).save_local(str(folder))
        (folder / "bm25.pickle").write_bytes(pickle.dumps(BM25Retriever.from_documents(documents)))
        return len(documents)

    return index


def searcher(model: Path, folder: Path, hybrid: bool) -> Callable[[str, int], list[str]]:
    store = FAISS.load_local(str(folder), _embeddings(model), allow_dangerous_deserialization=True)
    bm25 = pickle.loads((folder / "bm25.pickle").read_bytes()) if hybrid else None

    @cache
    def retriever(limit: int) -> Any:
        dense = store.as_retriever(search_kwargs={"k": limit})
        if bm25 is None:
            return dense
        words = bm25.model_copy(update={"k": limit})
        return EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5], id_key="chunk")

    return lambda question, limit: [
        document.metadata["article"] for document in retriever(limit).invoke(question)[:limit]
    ]


def _embeddings(model: Path) -> Any:
    return HuggingFaceEmbeddings(
        model_name=str(model),
        model_kwargs={"device": "cpu"},
        encode_kwargs={"prompt": "passage: ", "normalize_embeddings": True},
        query_encode_kwargs={"prompt": "query: ", "normalize_embeddings": True},
    )
