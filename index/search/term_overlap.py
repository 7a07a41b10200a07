"""Which of a question's words a passage holds, and how much that says: pure, no input or output.

What a passage says itself is weighed by BM25, together with its context. What it leaves unsaid its
context may have said, or the passage before it, from which it often goes on without naming again
who or where; the passage's own length takes nothing away from such a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.bm25_index import K1, B, QueryTerm
from index.storage.records import CandidatePassage

PRECEDING_WEIGHT = 0.4
"""What a word of the passage before counts for in a passage that does not say it itself: chosen on
one half of the articles, see docs/evaluation.md, "What each part brings"."""
_LAST_BITS = 0xFFFF


class QueryTermStats(NamedTuple):
    """What a question asks for in words, and how rare each of these is in the archive."""

    sought: Sequence[QueryTerm]
    rarity: NDArray[np.float64]
    """(k,): the idf of each."""
    passages: int
    average_length: float
    """How many passages there are, and of how many words on average."""


class TermOverlap(NamedTuple):
    """What a passage, with its context, holds of a question's words; shares are by rarity."""

    relevance: float
    """Its BM25, as a share of the rarity of all words of the question."""
    share: float
    share_by_sentence: tuple[float, ...]
    """The share that each of its sentences holds, with the context."""
    rarest_missing: float
    """The rarity of the rarest word that is missing, as a share of the rarest possible."""


def term_overlaps(
    wording: QueryTermStats, candidates: Sequence[CandidatePassage]
) -> list[TermOverlap]:
    """Say of each passage what it holds of the question's words."""
    mass = float(wording.rarity.sum())
    if mass == 0:
        return [TermOverlap(0.0, 0.0, (0.0,) * len(each.sentences), 0.0) for each in candidates]
    sizes = np.concatenate([each.term_counts for each in candidates])
    parts = np.array([len(each.term_counts) for each in candidates])
    firsts = np.cumsum(parts) - parts
    counts = _counts(wording.sought, candidates, sizes)
    of_context = counts[firsts]
    with_context = counts + np.repeat(of_context, parts, axis=0)
    whole = np.add.reduceat(counts, firsts, axis=0)
    times = _times(wording.sought, np.concatenate([whole, whole - of_context, with_context]))
    frequency, own, of_parts = np.split(times, [len(candidates), 2 * len(candidates)])
    in_parts = (of_parts > 0) @ wording.rarity / mass
    lengths = np.add.reduceat(sizes, firsts) - sizes[firsts]
    weighted = _weighted(own, frequency, lengths / max(wording.average_length, 1.0), candidates)
    relevance = (weighted / (weighted + K1)) @ wording.rarity / mass
    share = (frequency > 0) @ wording.rarity / mass
    missing = np.where(frequency > 0, 0.0, wording.rarity).max(axis=1)
    missing /= log(1 + (wording.passages + 0.5) / 0.5)
    shares, spans = in_parts.tolist(), zip(firsts.tolist(), parts.tolist(), strict=True)
    by_sentence = [tuple(shares[first + 1 : first + count]) for first, count in spans]
    return list(map(TermOverlap, relevance.tolist(), share.tolist(), by_sentence, missing.tolist()))


def _weighted(
    own: NDArray[np.int64],
    frequency: NDArray[np.int64],
    relative_lengths: NDArray[np.float64],
    candidates: Sequence[CandidatePassage],
) -> NDArray[np.float64]:
    """Return how often each passage has each thing sought, as BM25 counts it: (n, sought).

    `own` is how often it is there without the context, and `frequency` with it.
    """
    preceding = _preceding(candidates)[:, None]
    before = np.where(preceding >= 0, own[preceding[:, 0]], 0)
    inherited = frequency - own + PRECEDING_WEIGHT * before
    normalised = frequency / (1 - B + B * relative_lengths)[:, None]
    return np.where(own > 0, normalised, inherited)


def _preceding(candidates: Sequence[CandidatePassage]) -> NDArray[np.intp]:
    """Return where in `candidates` the passage before each is, (n,); -1 where it is not there.

    The lead of an article without a title is the context of what follows: it is not counted twice.
    """
    places = {each.passage_id: place for place, each in enumerate(candidates)}
    found = (places.get(each.passage_id - 1, -1) for each in candidates)
    return np.array(
        [
            place if place >= 0 and _goes_on(each, candidates[place]) else -1
            for place, each in zip(found, candidates, strict=True)
        ],
        np.intp,
    )


def _goes_on(passage: CandidatePassage, before: CandidatePassage) -> bool:
    is_its_context = passage.term_counts[0] > 0 and before.term_counts[0] == 0
    return passage.article_key == before.article_key and not is_its_context


def _counts(
    sought: Sequence[QueryTerm], candidates: Sequence[CandidatePassage], sizes: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return how often each group of words is in each part (context or sentence): (parts, groups).

    Groups are counted through all spellings of all that is sought, in order. `sizes` says of how
    many words each part is.
    """
    groups = [group for each in sought for group in chain.from_iterable(each.spellings)]
    wanted = np.concatenate([*groups, np.empty(0, np.int32)])
    of_group = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    order = np.argsort(wanted, kind="stable")
    wanted, of_group = wanted[order], of_group[order]
    terms = np.concatenate([each.terms for each in candidates])
    places = _may_be_in(wanted, terms)
    found = terms.take(places)
    low = np.searchsorted(wanted, found, "left")
    many = np.searchsorted(wanted, found, "right") - low
    part = np.searchsorted(np.cumsum(sizes), places, "right")
    within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    cells = np.repeat(part * len(groups), many) + of_group[np.repeat(low, many) + within]
    counts = np.bincount(cells, minlength=len(sizes) * len(groups))
    return np.asarray(counts, np.int64).reshape(len(sizes), len(groups))


def _may_be_in(wanted: NDArray[np.int32], terms: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the places of all `terms` that are among `wanted`, and of a few others.

    Most are told off by their last bits: looking each of them up would take ten times as long.
    """
    there = np.zeros(_LAST_BITS + 1, np.bool_)
    there[wanted & _LAST_BITS] = True
    return np.flatnonzero(there.take(terms & _LAST_BITS))


def _times(sought: Sequence[QueryTerm], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each thing sought is in each row of `counts`: (rows, sought).

    A spelling of several groups is there once if all of its groups are.
    """
    times = np.zeros((len(counts), len(sought)), np.int64)
    sizes = np.array([len(spelling) for each in sought for spelling in each.spellings], np.intp)
    firsts = np.cumsum(sizes) - sizes
    spelled = np.minimum.reduceat(counts, firsts, axis=1)
    np.minimum(spelled, 1, out=spelled, where=sizes > 1)
    many = np.array([len(each.spellings) for each in sought])
    some = np.flatnonzero(many)
    times[:, some] = np.add.reduceat(spelled, (np.cumsum(many) - many)[some], axis=1)
    return times
