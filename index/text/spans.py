"""Spans: half-open ranges of code points in a text."""

from __future__ import annotations

import re
from typing import NamedTuple

INVISIBLE_CHARS = "\u00ad\u200b\u200e\u200f\ufeff"
"""Invisible characters that are not white space: `trim_span` removes them too."""
_WORD = re.compile(r"[^\W_ـ]")


class Span(NamedTuple):
    """`text[start:end]`, in code points."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Number of code points in the span."""
        return self.end - self.start

    def slice(self, text: str) -> str:
        """Return the text that the span covers."""
        return text[self.start : self.end]


def word_set(*lines: str) -> frozenset[str]:
    """Return the words of `lines`, which white space separates, as a set."""
    return frozenset(word for line in lines for word in line.split())


def trim_span(text: str, start: int, end: int) -> Span | None:
    """Return the span `start:end` without white space and invisible characters at its ends.

    None if nothing else is in it.
    """
    while start < end and (text[start].isspace() or text[start] in INVISIBLE_CHARS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in INVISIBLE_CHARS):
        end -= 1
    return Span(start, end) if start < end else None


def has_words(text: str, start: int, end: int) -> bool:
    """Say whether `text[start:end]` has a letter or a digit; a tatweel (ـ) is neither."""
    return _WORD.search(text, start, end) is not None
