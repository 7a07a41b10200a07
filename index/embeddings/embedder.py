"""The interface of embedding models, and how to load one."""

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
    """A model that embeds questions and passages as unit vectors; dot products are cosines.

    Texts are never truncated: one longer than the model's input is embedded in windows.
    """

    name: str
    fingerprint: str
    """Hexadecimal digest of weights, pooling and prompts; independent of the runtime."""
    dimension: int
    """Length of the vectors."""

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of questions, (n, dimension)."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of passages, (n, dimension)."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the text's number of tokens, with begin and end tokens but without a prompt."""
        ...


def load_embedder(
    model: str,
    models_folder: Path,
    *,
    runtime: Runtime = "auto",
    threads: int = 0,
    progress: Progress = silent,
) -> Embedder:
    """Load a model by name or local folder; prepare the default model first if necessary.

    The runtime "auto" is ONNX Runtime for the default model and torch for any other. `threads`
    is the number of cores to use, 0 for all. Raises `ModelError` if the model cannot be prepared
    or loaded, `SettingsError` for an unknown runtime or a negative number of threads.
    """
    if runtime not in ("auto", "onnx", "torch"):
        raise SettingsError(
            f"Unknown runtime {runtime!r}", "Set embedding.runtime to auto, onnx or torch"
        )
    if threads < 0:
        raise SettingsError(
            f"The number of threads cannot be {threads}", "Set embedding.threads to 0 (all) or more"
        )
    if model != DEFAULT_MODEL:
        if runtime == "onnx":
            raise SettingsError(
                f"The onnx runtime supports only {DEFAULT_MODEL}, not {model}",
                "Set embedding.runtime to auto or torch",
            )
        if model.startswith(("/", ".", "~")) and not Path(model).expanduser().is_dir():
            raise ModelError(
                f"The model folder {model} does not exist",
                "Set embedding.model to an existing folder, or to a model's name",
            )
        return TorchEmbedder(model, str(Path(model).expanduser()), threads)
    folder = prepare(models_folder, progress)
    fingerprint = read_fingerprint(folder)
    if runtime == "torch":
        return TorchEmbedder(model, str(folder), threads, fingerprint)
    return OnnxEmbedder(model, folder, fingerprint, threads)
