"""Which passages of an order are quoted: pure, no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.article import Article, Quote
from index.search.rank import Ranked
from index.store.rows import Candidate


class Choice(NamedTuple):
    """A passage to quote, and the keys of the other articles that carry it word for word."""

    found: Ranked
    candidate: Candidate
    also: tuple[int, ...]


def choose(
    ranked: Iterable[Ranked], candidates: Mapping[int, Candidate], limit: int
) -> list[Choice]:
    """Return the first `limit` passages of an order; one that several articles carry, once."""
    chosen: dict[bytes, Choice] = {}
    for found in ranked:
        candidate = candidates[found.passage_id]
        same = chosen.get(candidate.words)
        if same is None:
            if len(chosen) < limit:
                chosen[candidate.words] = Choice(found, candidate, ())
        elif found.article_key not in (same.candidate.article_key, *same.also):
            chosen[candidate.words] = same._replace(also=(*same.also, found.article_key))
    return list(chosen.values())


def quote(choice: Choice, articles: Mapping[int, Article]) -> Quote:
    """Return the quote, word for word; other articles that are gone meanwhile are left out."""
    found, passage = choice.found, choice.candidate.passage
    article = articles[found.article_key]
    return Quote(
        text=article.text[passage.start : passage.end],
        start=passage.start,
        end=passage.end,
        highlight=(found.best.start - passage.start, found.best.end - passage.start),
        score=round(found.score, 6),
        article=article,
        also=tuple(articles[key] for key in choice.also if key in articles),
    )
