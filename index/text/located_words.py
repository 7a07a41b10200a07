"""Split a text into its folded words, each with its place in the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.text.normalise import fold
from index.text.spans import Span

_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u200b-\u200f\u2060"
"""Combining marks and invisible characters, which folding removes."""
_LETTER = r"[^\W_\u02b0-\u02ff]"
_WRITTEN_WORD = re.compile(rf"{_LETTER}(?:{_LETTER}|[{_MARKS}])*")
_FOLDED_WORD = re.compile(rf"{_LETTER}+")


class LocatedWord(NamedTuple):
    """A word of a text."""

    folded: str
    span: Span
    """Its code points, with its marks."""


def locate_words(text: str) -> list[LocatedWord]:
    """Return the words of a text in order; a ligature of several words gives each of them."""
    return [
        LocatedWord(folded, Span(*match.span()))
        for match in _WRITTEN_WORD.finditer(text)
        for folded in _FOLDED_WORD.findall(fold(match.group()))
    ]
