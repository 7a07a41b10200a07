"""Which passages of an order are quoted, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from index.article import Article, Quote
from index.search.rank import Ranked
from index.store.moment import Moment
from index.store.rows import Candidate

NEARLY_THE_SAME = 0.7
"""Of two passages that share so much of their words (Jaccard) only one is quoted."""
EQUALS = 0.1
"""Passages whose scores lie so near the best one's are equals where the newest is asked for."""


class Choice(NamedTuple):
    """A passage to quote, with the best sentence to mark."""

    found: Ranked
    candidate: Candidate


def choose(
    ranked: Iterable[Ranked], candidates: Mapping[int, Candidate], limit: int
) -> list[Choice]:
    """Return the first `limit` passages of an order that say different things.

    Of one passage that several articles carry, word for word or nearly, the best placed is chosen.
    """
    chosen: list[Choice] = []
    for found in ranked:
        if len(chosen) == limit:
            break
        candidate = candidates[found.passage_id]
        if not any(_say_the_same(candidate, earlier.candidate) for earlier in chosen):
            chosen.append(Choice(found, candidate))
    return chosen


def newest_first(ranked: Sequence[Ranked], candidates: Mapping[int, Candidate]) -> list[Ranked]:
    """Put the newest first among the equals of the best; those of unknown date come after them."""
    if not ranked:
        return []
    least = ranked[0].score - EQUALS
    equals = [each for each in ranked if each.score >= least]
    dated = [each for each in equals if candidates[each.passage_id].published]
    dated.sort(key=lambda each: candidates[each.passage_id].published or "", reverse=True)
    undated = [each for each in equals if not candidates[each.passage_id].published]
    return [*dated, *undated, *ranked[len(equals) :]]


def quotes(
    moment: Moment,
    ranked: Iterable[Ranked],
    candidates: Mapping[int, Candidate],
    limit: int,
) -> tuple[Quote, ...]:
    """Return the first `limit` passages that say different things, word for word."""
    choices = choose(ranked, candidates, limit)
    carriers = moment.carriers(choice.candidate.words for choice in choices)
    articles = moment.articles({key for keys in carriers.values() for key in keys})
    return tuple(quote(choice, articles, carriers[choice.candidate.words]) for choice in choices)


def quote(choice: Choice, articles: Mapping[int, Article], carriers: Sequence[int]) -> Quote:
    """Return the quote, word for word, with the other articles (by key) that carry it."""
    found, passage = choice.found, choice.candidate
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


def _say_the_same(one: Candidate, other: Candidate) -> bool:
    if one.words == other.words:
        return True
    own, others = (np.unique(each.terms[each.term_counts[0] :]) for each in (one, other))
    shared = len(np.intersect1d(own, others, assume_unique=True))
    return shared > NEARLY_THE_SAME * (len(own) + len(others) - shared)
