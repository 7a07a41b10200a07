"""The figures that a text gives, and whether two texts give different ones: pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from index.text.numbers import MARK, marked_words
from index.text.terms import stem


def figures(text: str) -> dict[str, set[str]]:
    """Return the numbers that `text` gives, in digits or words, by the stem of what is counted."""
    found: dict[str, set[str]] = defaultdict(set)
    for number, counted in pairwise(marked_words(text)):
        if number.startswith(MARK) and not counted.startswith(MARK):
            found[stem(counted)].add(number)
    return dict(found)


def contradict(one: str, other: str) -> bool:
    """Say whether two texts count the same thing and come to different numbers."""
    counted, otherwise = figures(one), figures(other)
    return any(counted[each].isdisjoint(otherwise[each]) for each in counted.keys() & otherwise)
