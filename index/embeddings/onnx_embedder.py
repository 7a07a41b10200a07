"""The default model's runtime: ONNX Runtime on a prepared model folder, without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embeddings.build.onnx_graph import GRAPH_FILE, TOKEN_OUTPUTS
from index.embeddings.chunk_pooling import pool_windows, replace_surrogates
from index.embeddings.prompts import Prompts
from index.embeddings.token_projection import PROJECTION_FILE, TokenProjection
from index.embeddings.token_vectors import EncodedText, TokenVectors
from index.errors import ModelError
from index.thread_priority import is_background_thread

if TYPE_CHECKING:
    from tokenizers import Encoding

_Result = TypeVar("_Result")
_WindowStates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""A window's mean (d,), its tokens' projections (t, k) and the logits of their importance (t,)."""


class OnnxEmbedder:
    """An `Embedder` that runs the `encoder.onnx` of a prepared folder.

    Each window runs alone on one core, several windows in parallel: measured on two cores this is
    faster than padded batches, and a text's vector does not depend on the other texts. A single
    question would gain a third from two spinning threads, but lose half as soon as anything else
    runs. A background thread uses no other thread, so that it occupies one core at low priority.
    """

    def __init__(self, name: str, folder: Path, fingerprint: str, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Run the graph unoptimised: the results of fused operators may differ between processors.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            config = json.loads((folder / "config.json").read_text("utf-8"))
            self._prompts = Prompts.from_folder(folder)
            self._session = onnxruntime.InferenceSession(
                folder / GRAPH_FILE, options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise subclasses of plain Exception
            raise ModelError(
                f"The prepared model cannot be loaded: {error}",
                f"Delete the folder {folder}; the next start prepares it again",
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(config["max_position_embeddings"])
        self._special_token_count = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self._executor = ThreadPoolExecutor(threads or os.cpu_count(), "embedder")
        projection = TokenProjection.load(folder / PROJECTION_FILE)
        self._importance_bias = projection.importance_bias if projection else 0.0
        self.token_fingerprint = projection and _combine(fingerprint, projection.fingerprint)
        self.name = name
        self.fingerprint = fingerprint
        self.dimension: int = config["hidden_size"]

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, dimension)."""
        return self._embed(self._prompts.question, texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, dimension)."""
        return self._embed(self._prompts.passage, texts)

    def encode_questions(self, texts: Sequence[str]) -> list[EncodedText]:
        """Return the vectors of questions and of their tokens."""
        return self._encode(self._prompts.question, texts, [0] * len(texts))

    def encode_passages(self, texts: Sequence[str], starts: Sequence[int]) -> list[EncodedText]:
        """Return the vectors of passages, and of the tokens that do not end before `starts`."""
        return self._encode(self._prompts.passage, texts, starts)

    def count_tokens(self, text: str) -> int:
        """Return the text's number of tokens, with begin and end tokens but without a prompt."""
        return (
            sum(len(window.ids) - self._special_token_count for window in self._windows(text))
            + self._special_token_count
        )

    def _embed(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        windows = [self._windows(prompt + text) for text in texts]
        means = self._map(self._run_mean, [window for group in windows for window in group])
        return self._pool(means, windows)

    def _encode(
        self, prompt: str, texts: Sequence[str], starts: Sequence[int]
    ) -> list[EncodedText]:
        if self.token_fingerprint is None:
            return [EncodedText(vector, None) for vector in self._embed(prompt, texts)]
        windows = [self._windows(prompt + text) for text in texts]
        states = self._map(self._run_tokens, [window for group in windows for window in group])
        vectors = self._pool([mean for mean, _, _ in states], windows)
        encoded, first = [], 0
        for vector, group, start in zip(vectors, windows, starts, strict=True):
            own_states = states[first : first + len(group)]
            tokens = self._collect_tokens(group, own_states, len(prompt) + start)
            encoded.append(EncodedText(vector, tokens))
            first += len(group)
        return encoded

    def _map(
        self, run: Callable[[Encoding], _Result], windows: Sequence[Encoding]
    ) -> list[_Result]:
        """Run the model on each window, in parallel if there are several."""
        if len(windows) == 1 or is_background_thread():
            return [run(window) for window in windows]
        return list(self._executor.map(run, windows))

    def _pool(
        self, means: Sequence[NDArray[np.float32]], windows: Sequence[Sequence[Encoding]]
    ) -> NDArray[np.float32]:
        text_indexes = [index for index, group in enumerate(windows) for _ in group]
        token_counts = [
            len(window.ids) - self._special_token_count for group in windows for window in group
        ]
        mean_matrix = np.asarray(means, np.float32).reshape(-1, self.dimension)
        return pool_windows(mean_matrix, token_counts, text_indexes, len(windows))

    def _windows(self, text: str) -> list[Encoding]:
        encoding = self._tokenizer.encode(replace_surrogates(text))
        return [encoding, *encoding.overflowing]

    def _run_mean(self, window: Encoding) -> NDArray[np.float32]:
        (mean,) = self._session.run(["mean"], {"input_ids": np.array(window.ids, np.int64)})
        return np.asarray(mean, np.float32)

    def _run_tokens(self, window: Encoding) -> _WindowStates:
        mean, vectors, importance = self._session.run(
            ["mean", *TOKEN_OUTPUTS], {"input_ids": np.array(window.ids, np.int64)}
        )
        return mean, vectors, importance[:, 0]

    def _collect_tokens(
        self, windows: Sequence[Encoding], states: Sequence[_WindowStates], start: int
    ) -> TokenVectors:
        """Return the tokens of a text's windows that do not end before `start`, in unit length.

        Spans count from `start` on. A text without such tokens, such as an empty one, keeps all.
        """
        spans = np.array([span for window in windows for span in window.offsets], np.int32)
        is_kept = spans[:, 1] > start
        if not is_kept.any():
            is_kept = np.ones(len(spans), bool)
        vectors = np.concatenate([vectors for _, vectors, _ in states])[is_kept]
        # in float64, so that the order of the sum does not affect any bit of the float32 result
        lengths = np.sqrt((vectors.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
        logits = np.concatenate([importance for _, _, importance in states])[is_kept]
        importance = np.log1p(np.exp(logits.astype(np.float64) + self._importance_bias))
        return TokenVectors(
            np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32),
            np.asarray(importance / importance.sum(), np.float32),
            np.maximum(spans[is_kept] - start, 0),
        )


def _combine(*fingerprints: str) -> str:
    return hashlib.sha256(" ".join(fingerprints).encode()).hexdigest()
