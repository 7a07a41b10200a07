"""Vectors of a text's tokens, for late interaction: see `index.search.late_interaction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.embeddings.embedder import Embedder


class TokenVectors(NamedTuple):
    """The t tokens of a text, without those of the prompt and of the context before the text."""

    vectors: NDArray[np.float32]
    """(t, k), unit length"""
    importance: NDArray[np.float32]
    """(t,): how much a question's token counts; the sum is 1."""
    spans: NDArray[np.int32]
    """(t, 2): start and end of each token, in code points of the text."""

    def emphasise(self, spans: Sequence[tuple[int, int]], factor: float) -> TokenVectors:
        """Return the tokens with those that begin in `spans` of the text more important."""
        starts = self.spans[:, 0]
        inside = np.zeros(len(starts), bool)
        for start, end in spans:
            inside |= (starts >= start) & (starts < end)
        importance = np.where(inside, factor, 1.0) * self.importance
        return self._replace(importance=(importance / importance.sum()).astype(np.float32))


class EncodedText(NamedTuple):
    """A text's vector and, if the model has a token projection, its token vectors."""

    vector: NDArray[np.float32]
    """(d,), unit length"""
    tokens: TokenVectors | None


@runtime_checkable
class TokenEmbedder(Protocol):
    """An `Embedder` that also gives the vectors of a text's tokens, in the same pass."""

    token_fingerprint: str | None
    """Identifies the model and the projection of its token vectors; None if it has none."""

    def encode_questions(self, texts: Sequence[str]) -> list[EncodedText]:
        """Return the vectors of questions."""
        ...

    def encode_passages(self, texts: Sequence[str], starts: Sequence[int]) -> list[EncodedText]:
        """Return the vectors of passages; tokens that end before `starts` are left out."""
        ...


def token_fingerprint(embedder: Embedder) -> str | None:
    """Return what identifies the embedder's token vectors; None if it gives none."""
    return embedder.token_fingerprint if isinstance(embedder, TokenEmbedder) else None


def encode_question(embedder: Embedder, text: str) -> EncodedText:
    """Return a question's vector, with its token vectors if the embedder gives them."""
    if isinstance(embedder, TokenEmbedder):
        return embedder.encode_questions([text])[0]
    return EncodedText(embedder.embed_questions([text])[0], None)


def encode_passages(
    embedder: Embedder, texts: Sequence[str], starts: Sequence[int]
) -> list[EncodedText]:
    """Return passages' vectors, with those of the tokens from `starts` on if there are any."""
    if isinstance(embedder, TokenEmbedder):
        return embedder.encode_passages(texts, starts)
    return [EncodedText(vector, None) for vector in embedder.embed_passages(texts)]
