"""Texts to unit vectors: what the archive asks of an embedding model, and how to get one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.fingerprint import read_fingerprint
from index.embeddings.onnx_embedder import OnnxEmbedder
from index.embeddings.torch_embedder import TorchEmbedder
from index.errors import ModelError, SettingsError
from index.progress import Progress, silent

Runtime = Literal["auto", "onnx", "torch"]


class Embedder(Protocol):
    """A model that turns questions and passages into vectors whose dot product is a cosine.

    Nothing is cut: a text longer than the model reads at once is embedded in windows.
    """

    name: str
    fingerprint: str
    """Hexadecimal; covers weights, pooling and prompts, not the runtime."""
    dimension: int

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, dimension)."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, dimension)."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the number of the text's tokens, without a prompt, with begin and end."""
        ...


def load_embedder(
    model: str,
    models_folder: Path,
    *,
    runtime: Runtime = "auto",
    threads: int = 0,
    progress: Progress = silent,
) -> Embedder:
    """Load a model by name or local folder; the default one is prepared first where missing.

    The runtime "auto" is ONNX Runtime for the default model and torch for any other. `threads`
    is the number of cores to use, 0 for all. Raises ModelError when the model cannot be
    prepared or loaded, BadSettings for a runtime or a number of threads that cannot be.
    """
    if runtime not in ("auto", "onnx", "torch"):
        raise SettingsError(
            f"There is no runtime {runtime!r}", "Set embedding.runtime to auto, onnx or torch"
        )
    if threads < 0:
        raise SettingsError(
            f"{threads} threads cannot be used", "Set embedding.threads to 0 (all) or more"
        )
    if model != DEFAULT_MODEL:
        if runtime == "onnx":
            raise SettingsError(
                f"The onnx runtime serves {DEFAULT_MODEL} only, not {model}",
                "Set embedding.runtime to auto or torch",
            )
        if model.startswith(("/", ".", "~")) and not Path(model).expanduser().is_dir():
            raise ModelError(
                f"There is no folder {model} with a model", "Set embedding.model to one, or a name"
            )
        return TorchEmbedder(model, str(Path(model).expanduser()), threads)
    folder = prepare(models_folder, progress)
    fingerprint = read_fingerprint(folder)
    if runtime == "torch":
        return TorchEmbedder(model, str(folder), threads, fingerprint)
    return OnnxEmbedder(model, folder, fingerprint, threads)
