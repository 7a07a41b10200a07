"""Run any sentence-transformers model with torch, in the model's own precision."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embeddings.chunk_pooling import pool_windows, replace_surrogates
from index.embeddings.fingerprint import compute_fingerprint
from index.embeddings.prompts import Prompts
from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH_SIZE = 16
_TOKENIZER_KEYS = ("input_ids", "token_type_ids", "attention_mask")


class TorchEmbedder:
    """An `Embedder` for a sentence-transformers model from a hub or a local folder.

    Uses the model's own prompts: "query" for questions, "passage" or else "document" for
    passages, none if it has none. Raises `ModelError` if the model cannot be loaded or used.
    """

    def __init__(
        self, name: str, source: str, threads: int, fingerprint: str | None = None
    ) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        if threads:
            torch.set_num_threads(threads)
        try:
            model = SentenceTransformer(source, device="cpu")
        except Exception as error:  # the hub's client and torch raise many libraries' errors
            raise ModelError(
                f"The model {name} cannot be loaded: {error}",
                "Check embedding.model: a sentence-transformers model of huggingface.co (and the "
                "connection to it), or a local folder",
            ) from error
        _require_windowing(name, model)
        self._modules: list[Any] = [*model.eval()]
        self._max_tokens = model.max_seq_length
        self._tokenizer: Any = model.tokenizer
        self._special_token_count: int = self._tokenizer.num_special_tokens_to_add()
        self._prompts = Prompts.from_model(model.prompts)
        self.name = name
        self.fingerprint = fingerprint or _fingerprint_model(model, self._prompts)
        self.dimension = int(model.get_embedding_dimension() or 0)

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, dimension)."""
        return self._embed(self._prompts.question, texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, dimension)."""
        return self._embed(self._prompts.passage, texts)

    def count_tokens(self, text: str) -> int:
        """Return the text's number of tokens, with begin and end tokens but without a prompt."""
        windows, _ = self._split_windows([text])
        return (
            sum(len(window["input_ids"]) - self._special_token_count for window in windows)
            + self._special_token_count
        )

    def _embed(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        windows, text_indexes = self._split_windows([prompt + text for text in texts])
        lengths = [len(window["input_ids"]) for window in windows]
        means = np.empty((len(windows), self.dimension), np.float32)
        by_length = sorted(range(len(windows)), key=lengths.__getitem__)
        for start in range(0, len(windows), _BATCH_SIZE):
            batch = by_length[start : start + _BATCH_SIZE]
            means[batch] = self._embed_windows([windows[index] for index in batch])
        token_counts = [length - self._special_token_count for length in lengths]
        return pool_windows(means, token_counts, text_indexes, len(texts))

    def _split_windows(self, texts: list[str]) -> tuple[list[dict[str, list[int]]], list[int]]:
        """Return the tokenizer's output for each window, and the index of each window's text."""
        encoded = self._tokenizer(
            [replace_surrogates(text) for text in texts],
            truncation=self._max_tokens is not None,
            max_length=self._max_tokens,
            return_overflowing_tokens=True,
        )
        keys = [key for key in _TOKENIZER_KEYS if key in encoded]
        columns = zip(*(encoded[key] for key in keys), strict=True)
        windows = [dict(zip(keys, values, strict=True)) for values in columns]
        return windows, list(encoded["overflow_to_sample_mapping"])

    def _embed_windows(self, windows: list[dict[str, list[int]]]) -> NDArray[np.float32]:
        """Return the windows' pooled vectors, before normalisation to unit length."""
        import torch
        from sentence_transformers.base.modules.normalize import Normalize

        features: dict[str, Any] = dict(self._tokenizer.pad(windows, return_tensors="pt"))
        with torch.inference_mode():
            for module in self._modules:
                if isinstance(module, Normalize):
                    break
                features = module(features)
        return np.asarray(features["sentence_embedding"].float().numpy(), np.float32)


def _require_windowing(name: str, model: SentenceTransformer) -> None:
    """Raise `ModelError` if the model's long texts could not be split into windows."""
    if not getattr(model.tokenizer, "is_fast", False):
        raise ModelError(
            f"The model {name} has no fast tokenizer, which splitting long texts requires",
            "Set embedding.model to another model",
        )
    if not all(getattr(module, "include_prompt", True) for module in model):
        raise ModelError(
            f"The model {name} excludes its prompt from pooling, which is not supported",
            "Set embedding.model to another model",
        )


def _fingerprint_model(model: SentenceTransformer, prompts: Prompts) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.float().contiguous().numpy().data)
    modules: list[Any] = [*model]
    pooling = [module.get_config_dict() for module in modules[1:]]
    return compute_fingerprint(digest.hexdigest(), pooling, prompts)
