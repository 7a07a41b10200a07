"""The default model's runtime: ONNX Runtime on a prepared model folder, without torch."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embeddings.build.onnx_graph import GRAPH_FILE
from index.embeddings.chunk_pooling import pool_windows, replace_surrogates
from index.embeddings.prompts import Prompts
from index.errors import ModelError
from index.thread_priority import is_background_thread


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
        self.name = name
        self.fingerprint = fingerprint
        self.dimension: int = config["hidden_size"]

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, dimension)."""
        return self._embed(self._prompts.question, texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, dimension)."""
        return self._embed(self._prompts.passage, texts)

    def count_tokens(self, text: str) -> int:
        """Return the text's number of tokens, with begin and end tokens but without a prompt."""
        return (
            sum(len(ids) - self._special_token_count for ids in self._split_windows(text))
            + self._special_token_count
        )

    def _embed(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        windows: list[list[int]] = []
        text_indexes: list[int] = []
        for text_index, text in enumerate(texts):
            text_windows = self._split_windows(prompt + text)
            windows += text_windows
            text_indexes += [text_index] * len(text_windows)
        if len(windows) == 1 or is_background_thread():
            means = [self._embed_window(window) for window in windows]
        else:
            means = list(self._executor.map(self._embed_window, windows))
        token_counts = [len(ids) - self._special_token_count for ids in windows]
        mean_matrix = np.asarray(means, np.float32).reshape(-1, self.dimension)
        return pool_windows(mean_matrix, token_counts, text_indexes, len(texts))

    def _split_windows(self, text: str) -> list[list[int]]:
        encoding = self._tokenizer.encode(replace_surrogates(text))
        return [encoding.ids, *(window.ids for window in encoding.overflowing)]

    def _embed_window(self, ids: list[int]) -> NDArray[np.float32]:
        (mean,) = self._session.run(["mean"], {"input_ids": np.array(ids, np.int64)})
        return np.asarray(mean, np.float32)
