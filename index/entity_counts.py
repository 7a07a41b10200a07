"""Which known names and places the articles of some days mention most: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry
from index.text.normalise import fold

_COUNTRY = frozenset(map(fold, ("ليبيا", "Libya", "Libye")))
"""A name with one of these spellings is the country's own, which nearly every article has."""


class ArticleText(NamedTuple):
    """An article's words, without what its site put around them."""

    headline: str
    body: str


class EntityCount(NamedTuple):
    """A known name, and how many articles mention it."""

    name: GazetteerEntry
    articles: int


class EntityCounts(NamedTuple):
    """What some articles mention most, the most-mentioned first."""

    articles: int
    """How many were read; of those with the same words only one counts."""
    names: tuple[EntityCount, ...] = ()
    """People and bodies."""
    places: tuple[EntityCount, ...] = ()


def most_mentioned(told: Iterable[ArticleText], rules: GazetteerConfig, limit: int) -> EntityCounts:
    """Return the `limit` names, and the `limit` places, that the most articles mention.

    An article counts once for a name, however often it has it. Articles whose bodies have the same
    words, however spaced, count as one, with all their headlines. Libya itself is left out.
    Equals stand in the order of the list.
    """
    names = Gazetteer(rules)
    mentioned: dict[str, set[int]] = {}
    for each in told:
        words = " ".join(each.body.split())
        if words not in mentioned:
            mentioned[words] = set(names.mentioned(words))
        mentioned[words].update(names.mentioned(each.headline))
    counts = Counter(entry for entries in mentioned.values() for entry in entries)
    found = _in_order(counts, rules)
    return EntityCounts(
        len(mentioned),
        tuple(each for each in found if each.name.kind != "place")[:limit],
        tuple(each for each in found if each.name.kind == "place")[:limit],
    )


def _in_order(counts: Mapping[int, int], rules: GazetteerConfig) -> list[EntityCount]:
    found = [
        EntityCount(rules.name[entry], counts[entry])
        for entry in sorted(counts)
        if _COUNTRY.isdisjoint(map(fold, rules.name[entry].spellings))
    ]
    return sorted(found, key=lambda each: each.articles, reverse=True)
