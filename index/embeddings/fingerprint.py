"""Fingerprints that tell the vectors of one model from those of another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from index.embeddings.build.manifest import read_weights_digest
from index.embeddings.prompts import Prompts


def compute_fingerprint(weights_digest: str, pooling: object, prompts: Prompts) -> str:
    """Return the SHA-256 (hexadecimal) of what determines a vector: weights, pooling and prompts.

    It does not depend on the runtime: vectors of one model from different runtimes are comparable.
    """
    text = json.dumps([weights_digest, pooling, prompts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_fingerprint(folder: Path) -> str:
    """Return the fingerprint of a prepared model folder."""
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    return compute_fingerprint(read_weights_digest(folder), pooling, Prompts.from_folder(folder))
