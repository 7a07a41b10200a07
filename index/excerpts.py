"""Build excerpts: the sentences around a quote (pure functions)."""

from __future__ import annotations

from index.errors import InvalidInputError
from index.models import Article, Excerpt
from index.text.excerpt import quote_with_context
from index.text.spans import Span


def build_excerpt(article: Article, body: Span, quote: Span) -> Excerpt:
    """Return the sentences around a quote in an article's story.

    Raises `InvalidInputError` if the quote is empty or not inside the story.
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
