"""The fitted projection from the states of a model's tokens to short token vectors.

Late interaction (Khattab and Zaharia, "ColBERT", SIGIR 2020) compares each token of a question with
each token of a passage. The states of a BERT have hundreds of values per token and layer; a linear
projection, fitted by `bench/retrieval/train_token_projection.py`, reduces the states of several
layers to one vector, and weights the tokens of a question by importance. It belongs to one model,
identified by its fingerprint, and is stored in `fitted/`.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

PROJECTION_FILE = "tokens.npz"
"""Its name in a prepared model folder."""
_FITTED_FOLDER = Path(__file__).parent / "fitted"


class TokenProjection(NamedTuple):
    """The projection of states (s,), the concatenated outputs of `layers`, to vectors (k,)."""

    layers: tuple[int, ...]
    """Indexes of the layers, from 0."""
    mean: NDArray[np.float32]
    """(s,): the mean state, which is subtracted"""
    scale: NDArray[np.float32]
    """(s,): the standard deviation of the states, by which they are divided"""
    matrix: NDArray[np.float32]
    """(s, k)"""
    importance: NDArray[np.float32]
    """(s,): its product with a state, plus the bias, is the softplus inverse of the importance."""
    importance_bias: float
    fingerprint: str
    """SHA-256 in hexadecimal of the file."""

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Load a projection, or return None if there is no such file. Raises `ModelError`."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                return cls(
                    layers=tuple(arrays["layers"].tolist()),
                    mean=arrays["mean"].astype(np.float32),
                    scale=arrays["scale"].astype(np.float32),
                    matrix=arrays["matrix"].astype(np.float32),
                    importance=arrays["importance"].astype(np.float32),
                    importance_bias=float(arrays["importance_bias"]),
                    fingerprint=hashlib.sha256(data).hexdigest(),
                )
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"The token projection {path} cannot be read: {error}", "Install the bot again"
            ) from error

    def save(self, path: Path) -> None:
        """Write the projection, in float16."""
        np.savez_compressed(
            path,
            layers=np.array(self.layers),
            mean=self.mean.astype(np.float16),
            scale=self.scale.astype(np.float16),
            matrix=self.matrix.astype(np.float16),
            importance=self.importance.astype(np.float16),
            importance_bias=np.float32(self.importance_bias),
        )


def fitted_path(model_name: str) -> Path:
    """Return where the projection fitted for a model is; it need not exist."""
    return _FITTED_FOLDER / f"{model_name.replace('/', '--')}.tokens.npz"
