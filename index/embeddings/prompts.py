"""What a model was trained to see before a question and before a passage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Prompts(NamedTuple):
    """The two prompts; empty where the model has none."""

    question: str
    passage: str

    @classmethod
    def from_model(cls, prompts: Mapping[str, str | None]) -> Prompts:
        """Choose among a sentence-transformers model's prompts by their names."""
        return cls(
            prompts.get("query") or "", prompts.get("passage") or prompts.get("document") or ""
        )

    @classmethod
    def from_folder(cls, folder: Path) -> Prompts:
        """Read the prompts of a sentence-transformers folder."""
        path = folder / "config_sentence_transformers.json"
        return cls.from_model(json.loads(path.read_text("utf-8")).get("prompts", {}))
