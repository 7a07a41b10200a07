"""What tells one model's vectors from another's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from index.embeddings.build.manifest import weights_digest
from index.embeddings.prompts import Prompts


def fingerprint_of(weights: str, pooling: object, prompts: Prompts) -> str:
    """Return a hexadecimal digest of what decides a vector: weights, pooling and prompts.

    The runtime has no part in it: vectors of one model's runtimes may be compared.
    """
    text = json.dumps([weights, pooling, prompts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of_folder(folder: Path) -> str:
    """Return the fingerprint of a prepared folder."""
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    return fingerprint_of(weights_digest(folder), pooling, Prompts.of_folder(folder))
