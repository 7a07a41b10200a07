"""The prompts that a model was trained to see before a question and before a passage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Prompts(NamedTuple):
    """The two prompts; empty strings if the model has none."""

    question: str
    passage: str

    @classmethod
    def from_model(cls, prompts: Mapping[str, str | None]) -> Prompts:
        """Select a sentence-transformers model's prompts: query, and passage or else document."""
        return cls(
            prompts.get("query") or "", prompts.get("passage") or prompts.get("document") or ""
        )

    @classmethod
    def from_folder(cls, folder: Path) -> Prompts:
        """Read the prompts from a sentence-transformers model folder."""
        path = folder / "config_sentence_transformers.json"
        return cls.from_model(json.loads(path.read_text("utf-8")).get("prompts", {}))
