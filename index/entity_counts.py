"""Count the gazetteer names that articles mention (pure functions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry
from index.text.normalise import fold

_LIBYA_SPELLINGS = frozenset(map(fold, ("ليبيا", "Libya", "Libye")))
"""Entries with one of these spellings are not counted: nearly every article mentions Libya."""


class ArticleText(NamedTuple):
    """An article's headline and story, without the site's boilerplate."""

    headline: str
    body: str


class EntityCount(NamedTuple):
    """A gazetteer entry and the number of articles that mention it."""

    name: GazetteerEntry
    article_count: int


class EntityCounts(NamedTuple):
    """The names that the most articles mention, in descending order."""

    article_count: int
    """Number of distinct articles; articles with the same words count as one."""
    names: tuple[EntityCount, ...] = ()
    """People and organisations."""
    places: tuple[EntityCount, ...] = ()


def count_entities(
    articles: Iterable[ArticleText], config: GazetteerConfig, limit: int
) -> EntityCounts:
    """Return the `limit` names, and the `limit` places, that the most articles mention.

    An article counts once per name, however often it mentions it. Articles whose bodies are equal
    up to white space count as one, with all their headlines. Libya itself is left out. Ties are in
    the gazetteer's order.
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
