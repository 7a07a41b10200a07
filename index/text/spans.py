"""A span: a half-open range of code points in a text."""

from __future__ import annotations

import re
from typing import NamedTuple

INVISIBLE_CHARS = "\u00ad\u200b\u200e\u200f\ufeff"
"""Characters that show nothing and are not white space: they neither open nor close a span."""
_WORD = re.compile(r"[^\W_ـ]")


class Span(NamedTuple):
    """`text[start:end]`, in code points."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many code points the span covers."""
        return self.end - self.start

    def slice(self, text: str) -> str:
        """Return the slice of `text` that this span covers."""
        return text[self.start : self.end]


def word_set(*lines: str) -> frozenset[str]:
    """Return the words of `lines` as a set: a table of words in the order it was written."""
    return frozenset(word for line in lines for word in line.split())


def trim_span(text: str, start: int, end: int) -> Span | None:
    """Return `text[start:end]` without white space at its ends, or None where nothing is left."""
    while start < end and (text[start].isspace() or text[start] in INVISIBLE_CHARS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in INVISIBLE_CHARS):
        end -= 1
    return Span(start, end) if start < end else None


def has_words(text: str, start: int, end: int) -> bool:
    """Say whether there is a letter or a digit in `text[start:end]`; tatweel alone is a rule."""
    return _WORD.search(text, start, end) is not None
