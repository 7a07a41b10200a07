"""A headline for an article whose source gave it none."""

from __future__ import annotations

import re

from index.text.segmentation.sentences import sentences
from index.text.spans import Span, has_words

_CLAUSE_END = re.compile(r"[،؛,;:](?=\s)")
"""A comma between digits («1,500») or a colon in a time (12:51) ends no clause."""


def headline(text: str, body: Span, longest: int) -> str:
    """Return the story's first sentence; over `longest` characters it is cut, and ends in "…"."""
    first = next((found for found in sentences(text, body) if has_words(text, *found)), body)
    whole = " ".join(first.of(text).split())
    if len(whole) <= longest:
        return whole
    ends = [found.start() for found in _CLAUSE_END.finditer(whole[: longest + 1])]
    clause = ends[-1] if ends else 0
    cut = clause if clause >= longest // 2 else whole.rfind(" ", 0, longest)
    return whole[: cut if cut > 0 else longest - 1].rstrip(" ،؛,;:-–") + "…"
