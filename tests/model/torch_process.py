"""The default model's `TorchEmbedder` in a process of its own, which ends with who asked for it.

Torch, its libraries and the weights take 1.2 GB that a process never gives back.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import load_embedder
from index.model.torch_embedder import TorchEmbedder
from index.model.weights import DEFAULT_MODEL
from tests.town import PROJECT


class TorchProcess:
    """An `Embedder` that asks the process, one call at a time."""

    def __init__(self, models_folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.model.torch_process", str(models_folder)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.name: str = self._ask("name")
        self.fingerprint: str = self._ask("fingerprint")
        self.dimension: int = self._ask("dimension")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self._ask("embed_questions", texts))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self._ask("embed_passages", texts))

    def count_tokens(self, text: str) -> int:
        return int(self._ask("count_tokens", text))

    def token_ids(self, text: str) -> list[int]:
        """Return what sentence-transformers' own tokenizer makes of a text."""
        return list(self._ask("token_ids", text))

    def _ask(self, name: str, *values: object) -> Any:
        """Return an attribute of the embedder in the process, or what its method returns."""
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump((name, values), self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)


def serve(models_folder: Path) -> None:
    """Answer what is asked on stdin, on stdout, until stdin ends."""
    embedder = load_embedder(DEFAULT_MODEL, models_folder, runtime="torch")
    assert isinstance(embedder, TorchEmbedder)
    while True:
        try:
            name, values = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if name == "token_ids":
            answer = embedder._tokenizer(*values)["input_ids"]
        else:
            found = getattr(embedder, name)
            answer = found(*values) if callable(found) else found
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
