"""Which known names and places the articles of some days mention most: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry
from index.text.normalise import fold

_LIBYA_SPELLINGS = frozenset(map(fold, ("ليبيا", "Libya", "Libye")))
"""A name with one of these spellings is the country's own, which nearly every article has."""


class ArticleText(NamedTuple):
    """An article's words, without what its site put around them."""

    headline: str
    body: str


class EntityCount(NamedTuple):
    """A known name, and how many articles mention it."""

    name: GazetteerEntry
    article_count: int


class EntityCounts(NamedTuple):
    """What some articles mention most, the most-mentioned first."""

    article_count: int
    """How many were read; of those with the same words only one counts."""
    names: tuple[EntityCount, ...] = ()
    """People and bodies."""
    places: tuple[EntityCount, ...] = ()


def count_entities(
    articles: Iterable[ArticleText], config: GazetteerConfig, limit: int
) -> EntityCounts:
    """Return the `limit` names, and the `limit` places, that the most articles mention.

    An article counts once for a name, however often it has it. Articles whose bodies have the same
    words, however spaced, count as one, with all their headlines. Libya itself is left out.
    Equals stand in the order of the list.
    """
    gazetteer = Gazetteer(config)
    entries_by_words: dict[str, set[int]] = {}
    for article in articles:
        words = " ".join(article.body.split())
        if words not in entries_by_words:
            entries_by_words[words] = set(gazetteer.find_entry_indices(words))
        entries_by_words[words].update(gazetteer.find_entry_indices(article.headline))
    counts = Counter(entry for entries in entries_by_words.values() for entry in entries)
    ranked = _rank_entities(counts, config)
    return EntityCounts(
        len(entries_by_words),
        tuple(count for count in ranked if count.name.kind != "place")[:limit],
        tuple(count for count in ranked if count.name.kind == "place")[:limit],
    )


def _rank_entities(counts: Mapping[int, int], config: GazetteerConfig) -> list[EntityCount]:
    entity_counts = [
        EntityCount(config.name[entry], counts[entry])
        for entry in sorted(counts)
        if _LIBYA_SPELLINGS.isdisjoint(map(fold, config.name[entry].spellings))
    ]
    return sorted(entity_counts, key=lambda count: count.article_count, reverse=True)
