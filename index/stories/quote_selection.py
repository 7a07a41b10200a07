"""What is quoted of a story: its lead, and what another source adds or says otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.stories.numeric_conflicts import contradict
from index.text.spans import Span
from index.text.terms import stem, word_list

ADDS = 0.5
"""A passage adds something where so much of its words is not in the lead."""
_STANDS_FOR = 0.8
"""An article in the reader's language stands for a story that it is so near to, beside the best."""


class LeadPassage(NamedTuple):
    """An article's first passage, as it stands there."""

    source: str | None
    text: str
    sentences: tuple[Span, ...]
    """Offsets into `text`."""
    digest: bytes
    """Of its words: equal where two sources print the same."""


class SelectedLead(NamedTuple):
    """Which lead is quoted, and which of its sentences is marked."""

    place: int
    sentence: Span


def pick_medoid(central: Sequence[float], own_language: Sequence[bool]) -> int:
    """Return which article stands for a story: the one that is most like the others.

    Among those that are nearly so one in the reader's language.
    """
    best = max(range(len(central)), key=lambda each: central[each])
    own = [each for each in range(len(central)) if own_language[each]]
    if own:
        nearest = max(own, key=lambda each: central[each])
        if central[nearest] >= _STANDS_FOR * central[best]:
            return nearest
    return best


def select_quotes(
    leads: Sequence[LeadPassage], first: int, order: Sequence[int]
) -> list[SelectedLead]:
    """Return the lead of the article that stands for a story, and that of another source, if any.

    Another source's is quoted where it gives another figure for the same, or else where it adds
    most; the others are looked at in `order`, and of equals the first is taken.
    """
    lead = leads[first]
    quoted = [SelectedLead(first, lead.sentences[0])]
    others = [
        each
        for each in order
        if each != first and leads[each].source != lead.source and leads[each].digest != lead.digest
    ]
    for each in others:
        otherwise = _otherwise(leads[each], lead.text)
        if otherwise:
            return [*quoted, SelectedLead(each, otherwise)]
    known = _stems(lead.text)
    news = {each: _new(leads[each].text, known) for each in others}
    most = max(news, key=lambda each: news[each], default=None)
    if most is not None and news[most] >= ADDS:
        said = leads[most]
        best = max(said.sentences, key=lambda span: len(_stems(span.of(said.text)) - known))
        quoted.append(SelectedLead(most, best))
    return quoted


def _otherwise(said: LeadPassage, lead: str) -> Span | None:
    """Return the first sentence that gives another figure than a lead for the same."""
    return next((each for each in said.sentences if contradict(each.of(said.text), lead)), None)


def _new(text: str, known: frozenset[str]) -> float:
    stems = _stems(text)
    return len(stems - known) / max(len(stems), 1)


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, word_list(text)))
