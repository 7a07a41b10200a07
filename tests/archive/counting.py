from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import Embedder


class CountingEmbedder:
    """An embedder that keeps what it is given."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimension = embedder.dimension
        self.questions: list[str] = []
        self.passages: list[str] = []

    def embed_questions(self, texts: list[str]) -> NDArray[np.float32]:
        self.questions += texts
        return self._embedder.embed_questions(texts)

    def embed_passages(self, texts: list[str]) -> NDArray[np.float32]:
        self.passages += texts
        return self._embedder.embed_passages(texts)
