"""Which passages of an order are quoted, and how: pure, no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from index.article import Article, Quote
from index.search.rank import Ranked
from index.store.rows import Candidate


class Choice(NamedTuple):
    """A passage to quote, with the best sentence to mark."""

    found: Ranked
    candidate: Candidate


def choose(
    ranked: Iterable[Ranked], candidates: Mapping[int, Candidate], limit: int
) -> list[Choice]:
    """Return the first `limit` passages of an order that say different things.

    Of one passage that several articles carry, the best placed is chosen.
    """
    chosen: dict[bytes, Choice] = {}
    for found in ranked:
        candidate = candidates[found.passage_id]
        if len(chosen) < limit:
            chosen.setdefault(candidate.words, Choice(found, candidate))
    return list(chosen.values())


def quote(choice: Choice, articles: Mapping[int, Article], carriers: Sequence[int]) -> Quote:
    """Return the quote, word for word, with the other articles (by key) that carry it."""
    found, passage = choice.found, choice.candidate.passage
    article = articles[found.article_key]
    return Quote(
        text=article.text[passage.start : passage.end],
        start=passage.start,
        end=passage.end,
        highlight=(found.best.start - passage.start, found.best.end - passage.start),
        score=round(found.score, 6),
        article=article,
        also=tuple(articles[key] for key in carriers if key != found.article_key),
    )
