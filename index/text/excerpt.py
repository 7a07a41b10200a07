"""The lines around a quote, so that it can be read where it stands."""

from __future__ import annotations

from index.text.segmentation.sentences import split_sentences
from index.text.spans import Span

CONTEXT_LENGTH = 600
"""How many characters of an article are shown before a quote, and how many after it."""


def quote_with_context(
    text: str, body: Span, quote: Span, context_length: int = CONTEXT_LENGTH
) -> Span:
    """Return the whole sentences of `body` that lie within `context_length` characters of `quote`.

    The quote itself is always in it. A sentence that is longer than `context_length` is left out:
    it would have to be cut.
    """
    start, end = quote
    for sentence in split_sentences(text, Span(max(body.start, 0), min(body.end, len(text)))):
        if quote.start - context_length <= sentence.start < start:
            start = sentence.start
        if end < sentence.end <= quote.end + context_length:
            end = sentence.end
    return Span(start, end)
