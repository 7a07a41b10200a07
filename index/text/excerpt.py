"""The lines around a quote, so that it can be read where it stands."""

from __future__ import annotations

from index.text.segmentation.sentences import sentences
from index.text.spans import Span

REACH = 600
"""How many characters of an article are shown before a quote, and how many after it."""


def around(text: str, body: Span, quoted: Span, reach: int = REACH) -> Span:
    """Return the whole sentences of `body` that lie within `reach` characters of `quoted`.

    The quote itself is always in it. A sentence that is longer than `reach` is left out: it would
    have to be cut.
    """
    start, end = quoted
    for sentence in sentences(text, Span(max(body.start, 0), min(body.end, len(text)))):
        if quoted.start - reach <= sentence.start < start:
            start = sentence.start
        if end < sentence.end <= quoted.end + reach:
            end = sentence.end
    return Span(start, end)
