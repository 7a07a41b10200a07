"""Which passages of an order are quoted, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from index.models import Article, Quote
from index.search.scoring import ScoredPassage
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot

NEARLY_THE_SAME = 0.7
"""Of two passages that share so much of their words (Jaccard) only one is quoted."""
EQUALS = 0.1
"""Passages whose scores lie so near the best one's are equals where the newest is asked for."""


class SelectedPassage(NamedTuple):
    """A passage to quote, with the best sentence to mark."""

    found: ScoredPassage
    candidate: CandidatePassage


def select_diverse(
    ranked: Iterable[ScoredPassage], candidates: Mapping[int, CandidatePassage], limit: int
) -> list[SelectedPassage]:
    """Return the first `limit` passages of an order that say different things.

    Of one passage that several articles carry, word for word or nearly, the best placed is chosen.
    """
    chosen: list[SelectedPassage] = []
    said: dict[bytes, AbstractSet[int]] = {}
    for found in ranked:
        if len(chosen) == limit:
            break
        candidate = candidates[found.passage_id]
        says = set(candidate.terms[candidate.term_counts[0] :].tolist())
        again = any(_nearly_the_same(says, each) for each in said.values())
        if not again and candidate.words not in said:
            chosen.append(SelectedPassage(found, candidate))
            said[candidate.words] = says
    return chosen


def newest_first(
    ranked: Sequence[ScoredPassage], candidates: Mapping[int, CandidatePassage]
) -> list[ScoredPassage]:
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
    moment: Snapshot,
    ranked: Iterable[ScoredPassage],
    candidates: Mapping[int, CandidatePassage],
    limit: int,
) -> tuple[Quote, ...]:
    """Return the first `limit` passages that say different things, word for word."""
    choices = select_diverse(ranked, candidates, limit)
    carriers = moment.carriers(choice.found.passage_id for choice in choices)
    return tuple(quote(choice, carriers[choice.found.passage_id]) for choice in choices)


def quote(choice: SelectedPassage, carriers: Mapping[int, Article]) -> Quote:
    """Return the quote, word for word, of one of the articles (by key) that carry it."""
    found, passage = choice.found, choice.candidate
    article = carriers[found.article_key]
    return Quote(
        text=article.text[passage.start : passage.end],
        start=passage.start,
        end=passage.end,
        highlight=(found.best.start - passage.start, found.best.end - passage.start),
        score=round(found.score, 6),
        article=article,
        also=tuple(each for key, each in carriers.items() if key != found.article_key),
    )


def _nearly_the_same(one: AbstractSet[int], other: AbstractSet[int]) -> bool:
    shared = len(one & other)
    return shared > NEARLY_THE_SAME * (len(one) + len(other) - shared)
