"""Which of a question's words a passage holds, and how much that says: pure, no input or output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.lexical import K1, B, Sought
from index.store.rows import Candidate


class Wording(NamedTuple):
    """What a question asks for in words, and how rare each of these is in the archive."""

    sought: Sequence[Sought]
    rarity: NDArray[np.float64]
    """(k,): the idf of each."""
    passages: int
    average_length: float
    """How many passages there are, and of how many words on average."""


class Held(NamedTuple):
    """What a passage, with its context, holds of a question's words; shares are by rarity."""

    relevance: float
    """Its BM25, as a share of the rarity of all words of the question."""
    share: float
    share_by_sentence: tuple[float, ...]
    """The share that each of its sentences holds, with the context."""
    rarest_missing: float
    """The rarity of the rarest word that is missing, as a share of the rarest possible."""


def held(wording: Wording, candidates: Sequence[Candidate]) -> list[Held]:
    """Say of each passage what it holds of the question's words."""
    mass = float(wording.rarity.sum())
    if mass == 0:
        return [Held(0.0, 0.0, (0.0,) * len(each.sentences), 0.0) for each in candidates]
    parts = np.array([len(each.term_counts) for each in candidates])
    firsts = np.concatenate([[0], np.cumsum(parts)[:-1]])
    counts = _counts(wording.sought, candidates)
    frequency = _times(wording.sought, np.add.reduceat(counts, firsts, axis=0))
    with_context = counts + np.repeat(counts[firsts], parts, axis=0)
    in_parts = (_times(wording.sought, with_context) > 0) @ wording.rarity / mass
    lengths = np.array([int(each.term_counts[1:].sum()) for each in candidates])
    relative = lengths / max(wording.average_length, 1.0)
    slow = K1 * (1 - B + B * relative)
    relevance = (frequency / (frequency + slow[:, None])) @ wording.rarity / mass
    share = (frequency > 0) @ wording.rarity / mass
    missing = np.where(frequency > 0, 0.0, wording.rarity).max(axis=1)
    rarest = log(1 + (wording.passages + 0.5) / 0.5)
    return [
        Held(
            float(relevance[at]),
            float(share[at]),
            tuple(in_parts[first + 1 : first + count].tolist()),
            float(missing[at]) / rarest,
        )
        for at, (first, count) in enumerate(zip(firsts, parts, strict=True))
    ]


def _counts(sought: Sequence[Sought], candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return how often each group of words is in each part (context or sentence): (parts, groups).

    Groups are counted through all spellings of all that is sought, in order.
    """
    groups = [group for each in sought for group in chain.from_iterable(each.spellings)]
    sizes = [len(each.term_counts) for each in candidates]
    counts = np.zeros((sum(sizes), len(groups)))
    wanted = np.concatenate([*groups, np.empty(0, np.int32)])
    of_group = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    order = np.argsort(wanted, kind="stable")
    wanted, of_group = wanted[order], of_group[order]
    terms = np.concatenate([each.terms for each in candidates])
    part = np.repeat(
        np.arange(len(counts)), np.concatenate([each.term_counts for each in candidates])
    )
    low = np.searchsorted(wanted, terms, "left")
    many = np.searchsorted(wanted, terms, "right") - low
    hit = np.flatnonzero(many)
    low, many = low[hit], many[hit]
    within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    np.add.at(counts, (np.repeat(part[hit], many), of_group[np.repeat(low, many) + within]), 1)
    return counts


def _times(sought: Sequence[Sought], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often each thing sought is in each row of `counts`: (rows, sought).

    A spelling of several groups is there once if all of its groups are.
    """
    times = np.zeros((len(counts), len(sought)))
    at = 0
    for column, each in enumerate(sought):
        for spelling in each.spellings:
            columns = counts[:, at : at + len(spelling)]
            at += len(spelling)
            if len(spelling) == 1:
                times[:, column] += columns[:, 0]
            else:
                times[:, column] += (columns > 0).all(axis=1)
    return times
