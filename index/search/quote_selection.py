"""Select the passages of a ranking to quote, and build their quotes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from index.models import Article, Quote
from index.search.scoring import ScoredPassage
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot

MAX_JACCARD = 0.7
"""Of two passages whose words overlap by more than this (Jaccard index) only one is quoted."""
TIE_MARGIN = 0.1
"""If the question asks for the newest, scores this close to the best one count as ties."""


class SelectedPassage(NamedTuple):
    """A passage to quote: its score with the sentence to highlight, and its data."""

    scored: ScoredPassage
    candidate: CandidatePassage


def select_diverse(
    ranked: Iterable[ScoredPassage], candidates: Mapping[int, CandidatePassage], limit: int
) -> list[SelectedPassage]:
    """Return the first `limit` passages of a ranking that are not near-duplicates of each other.

    Of a passage that several articles carry, exactly or nearly, the highest-ranked is selected.
    """
    selected: list[SelectedPassage] = []
    selected_terms: dict[bytes, AbstractSet[int]] = {}
    for scored in ranked:
        if len(selected) == limit:
            break
        candidate = candidates[scored.passage_id]
        terms = set(candidate.terms[candidate.term_counts[0] :].tolist())
        is_duplicate = any(
            _is_near_duplicate(terms, other_terms) for other_terms in selected_terms.values()
        )
        if not is_duplicate and candidate.text_digest not in selected_terms:
            selected.append(SelectedPassage(scored, candidate))
            selected_terms[candidate.text_digest] = terms
    return selected


def newest_first(
    ranked: Sequence[ScoredPassage], candidates: Mapping[int, CandidatePassage]
) -> list[ScoredPassage]:
    """Sort the passages tied with the best by date, newest first; undated ones follow them."""
    if not ranked:
        return []
    min_score = ranked[0].score - TIE_MARGIN
    tied = [scored for scored in ranked if scored.score >= min_score]
    dated = [scored for scored in tied if candidates[scored.passage_id].published]
    dated.sort(key=lambda scored: candidates[scored.passage_id].published or "", reverse=True)
    undated = [scored for scored in tied if not candidates[scored.passage_id].published]
    return [*dated, *undated, *ranked[len(tied) :]]


def build_quotes(snapshot: Snapshot, selection: Sequence[SelectedPassage]) -> tuple[Quote, ...]:
    """Return the quotes of passages, in the same order."""
    carriers = snapshot.articles_by_passage(selected.scored.passage_id for selected in selection)
    return tuple(
        build_quote(selected, carriers[selected.scored.passage_id]) for selected in selection
    )


def build_quote(selected: SelectedPassage, carriers: Mapping[int, Article]) -> Quote:
    """Return the verbatim quote of a passage. `carriers` are the articles with it, by key."""
    scored, passage = selected.scored, selected.candidate
    article = carriers[scored.article_key]
    return Quote(
        text=article.text[passage.start : passage.end],
        start=passage.start,
        end=passage.end,
        highlight=(
            scored.best_sentence.start - passage.start,
            scored.best_sentence.end - passage.start,
        ),
        score=round(scored.score, 6),
        article=article,
        also=tuple(other for key, other in carriers.items() if key != scored.article_key),
    )


def _is_near_duplicate(terms: AbstractSet[int], other_terms: AbstractSet[int]) -> bool:
    shared_count = len(terms & other_terms)
    return shared_count > MAX_JACCARD * (len(terms) + len(other_terms) - shared_count)
