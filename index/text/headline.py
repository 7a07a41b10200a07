"""Build a headline for an article that has no title."""

from __future__ import annotations

import re

from index.text.segmentation.sentences import split_sentences
from index.text.spans import Span, has_words

_CLAUSE_END = re.compile(r"[،؛,;:](?=\s)")
"""A comma between digits («1,500») or a colon in a time (12:51) ends no clause."""


def build_headline(text: str, body: Span, max_length: int) -> str:
    """Return the first sentence of `body` in `text`.

    A sentence of more than `max_length` characters is cut, at a clause end if one lies in the
    second half, else at a space, and ends in "…".
    """
    first_sentence = next(
        (span for span in split_sentences(text, body) if has_words(text, *span)), body
    )
    sentence = " ".join(first_sentence.slice(text).split())
    if len(sentence) <= max_length:
        return sentence
    clause_ends = [match.start() for match in _CLAUSE_END.finditer(sentence[: max_length + 1])]
    last_clause_end = clause_ends[-1] if clause_ends else 0
    cut = (
        last_clause_end
        if last_clause_end >= max_length // 2
        else sentence.rfind(" ", 0, max_length)
    )
    return sentence[: cut if cut > 0 else max_length - 1].rstrip(" ،؛,;:-–") + "…"
