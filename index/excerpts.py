"""Build an excerpt: a quote with the sentences around it."""

from __future__ import annotations

from index.errors import InvalidInputError
from index.models import Article, Excerpt
from index.text.segmentation.sentences import split_sentences
from index.text.spans import Span

CONTEXT_LENGTH = 600
"""How many characters of an article are shown before a quote, and how many after it."""


def build_excerpt(article: Article, body: Span, quote: Span) -> Excerpt:
    """Return the quote at `quote` with its context, where `body` is the article's story.

    Raises `InvalidInputError` if `quote` is empty or does not lie within `body`.
    """
    if not body.start <= quote.start < quote.end <= body.end:
        raise InvalidInputError(f"the story of article {article.id} has no such part")
    span = quote_with_context(article.text, body, quote)
    return Excerpt(
        article=article,
        start=span.start,
        end=span.end,
        quoted=quote,
        before=span.start > body.start,
        after=span.end < body.end,
    )


def quote_with_context(
    text: str, body: Span, quote: Span, context_length: int = CONTEXT_LENGTH
) -> Span:
    """Return the span of `quote` and the sentences of `body` within `context_length` characters.

    The result always contains the quote. Sentences are whole: one that is longer than
    `context_length` is left out, because it would have to be cut.
    """
    start, end = quote
    for sentence in split_sentences(text, Span(max(body.start, 0), min(body.end, len(text)))):
        if quote.start - context_length <= sentence.start < start:
            start = sentence.start
        if end < sentence.end <= quote.end + context_length:
            end = sentence.end
    return Span(start, end)
