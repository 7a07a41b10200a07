"""Select a story's quotes: its lead, and one that adds to it or contradicts it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.stories.numeric_conflicts import have_conflicting_figures
from index.text.spans import Span
from index.text.terms import content_words, stem

MIN_NEW_SHARE = 0.5
"""A passage adds something if at least this share of its distinct stems is not in the lead."""
_MIN_RELATIVE_CENTRALITY = 0.8
"""An article in the reader's language may represent a story if its centrality is at least this
share of the highest one."""


class LeadPassage(NamedTuple):
    """An article's first passage, verbatim."""

    source: str | None
    text: str
    sentences: tuple[Span, ...]
    """Offsets into `text`."""
    digest: bytes
    """A digest of its folded words: equal if two sources print the same text."""


class SelectedLead(NamedTuple):
    """A lead to quote (by its index) and its sentence to highlight."""

    lead_index: int
    sentence: Span


def pick_medoid(centralities: Sequence[float], in_reader_language: Sequence[bool]) -> int:
    """Return the index of the article that represents a story: the most central one.

    An article in the reader's language is preferred if its centrality is at least 0.8 times the
    highest.
    """
    best = max(range(len(centralities)), key=lambda index: centralities[index])
    own_language = [index for index in range(len(centralities)) if in_reader_language[index]]
    if own_language:
        nearest = max(own_language, key=lambda index: centralities[index])
        if centralities[nearest] >= _MIN_RELATIVE_CENTRALITY * centralities[best]:
            return nearest
    return best


def select_quotes(
    leads: Sequence[LeadPassage], medoid: int, order: Sequence[int]
) -> list[SelectedLead]:
    """Return the lead of the medoid article and at most one lead of another source.

    The other lead is the first in `order` that contradicts a figure of the medoid's lead, or else
    the one with the largest share of new stems, if that is at least `MIN_NEW_SHARE`; ties go to
    the first in `order`.
    """
    lead = leads[medoid]
    quoted = [SelectedLead(medoid, lead.sentences[0])]
    others = [
        index
        for index in order
        if index != medoid
        and leads[index].source != lead.source
        and leads[index].digest != lead.digest
    ]
    for index in others:
        conflicting = _find_conflicting_sentence(leads[index], lead.text)
        if conflicting:
            return [*quoted, SelectedLead(index, conflicting)]
    known_stems = _stems(lead.text)
    new_shares = {index: _new_share(leads[index].text, known_stems) for index in others}
    newest = max(new_shares, key=lambda index: new_shares[index], default=None)
    if newest is not None and new_shares[newest] >= MIN_NEW_SHARE:
        added = leads[newest]
        sentence = max(
            added.sentences, key=lambda span: len(_stems(span.slice(added.text)) - known_stems)
        )
        quoted.append(SelectedLead(newest, sentence))
    return quoted


def _find_conflicting_sentence(other: LeadPassage, lead_text: str) -> Span | None:
    """Return the first sentence that contradicts a figure of the lead, or None."""
    return next(
        (
            sentence
            for sentence in other.sentences
            if have_conflicting_figures(sentence.slice(other.text), lead_text)
        ),
        None,
    )


def _new_share(text: str, known_stems: frozenset[str]) -> float:
    stems = _stems(text)
    return len(stems - known_stems) / max(len(stems), 1)


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, content_words(text)))
