"""The lines around a quote (pure)."""

from __future__ import annotations

from index.errors import InvalidInputError
from index.models import Article, Excerpt
from index.text.excerpt import around
from index.text.spans import Span


def excerpt(article: Article, body: Span, quoted: Span) -> Excerpt:
    """Return the lines around a part of an article's story. Raises `InvalidInputError` for no such part."""
    if not body.start <= quoted.start < quoted.end <= body.end:
        raise InvalidInputError(f"the story of article {article.id} has no such part")
    shown = around(article.text, body, quoted)
    return Excerpt(
        article=article,
        start=shown.start,
        end=shown.end,
        quoted=quoted,
        before=shown.start > body.start,
        after=shown.end < body.end,
    )
