"""Compute a story's ranking score as a sum of explainable parts. Pure functions, no I/O.

The parts are independent sources (1 for each doubling of their number), recency (1 on the last
day, halved for each day before it) and relevance to Libya (3 if the headline names Libya or a
Libyan person, place or institution, 2 if the lead does, 1 if only the rest names Libya). So a
foreign story needs eight sources to rank with a Libyan one of a single source. A name can be
ambiguous (طرابلس is also a city in Lebanon, and many countries have a مجلس النواب): it counts only
if the article names Libya, a Libyan person, or two Libyan places.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

from index.models import Article
from index.stories.models import RankExplanation
from index.text.gazetteer import Gazetteer, GazetteerEntry
from index.text.normalise import fold

HEADLINE_SCORE, LEAD_SCORE, BODY_SCORE = 3.0, 2.0, 1.0
"""The relevance of an article that names Libya in its headline, its lead or elsewhere."""
_LIBYA = re.compile("ليبي(?!ري)|\\bliby")
"""Matches in folded text ليبيا and ليبي, but not ليبيريا; Libya, Libyan, Libye and libyen."""


def count_independent_sources(sources: Sequence[str | None], digests: Sequence[bytes]) -> int:
    """Return the number of independent sources of articles with these sources and lead digests.

    Articles with the same digest count as one source, that of the first; all articles of unknown
    source count as one source.
    """
    source_by_digest: dict[bytes, str | None] = {}
    for source, digest in zip(sources, digests, strict=True):
        source_by_digest.setdefault(digest, source)
    return len(set(source_by_digest.values()))


def explain_rank(
    articles: Sequence[Article],
    leads: Sequence[str],
    digests: Sequence[bytes],
    newest_day: date,
    last_day: date,
    gazetteer: Gazetteer,
) -> RankExplanation:
    """Return the score of a story with these articles, their leads and the leads' digests.

    `newest_day` is the story's newest day, `last_day` the newest day of all stories.
    """
    source_count = count_independent_sources([article.source for article in articles], digests)
    relevances = [
        libya_relevance(article, lead, gazetteer)
        for article, lead in zip(articles, leads, strict=True)
    ]
    return RankExplanation(
        independent_sources=source_count,
        source_score=math.log2(source_count),
        newest_day=newest_day,
        recency_score=2.0 ** -max(0, (last_day - newest_day).days),
        libya_score=sum(relevances) / len(relevances),
    )


def libya_relevance(article: Article, lead: str, gazetteer: Gazetteer) -> float:
    """Return an article's relevance to Libya: 3, 2, 1 or 0 (see the module's docstring)."""
    is_certain = bool(_LIBYA.search(fold(article.text)))
    headline_names, lead_names = (
        gazetteer.find_libyan_entries(article.headline),
        gazetteer.find_libyan_entries(lead),
    )
    is_certain = is_certain or _proves_libya([*headline_names, *lead_names])
    for text, names, score in (
        (article.headline, headline_names, HEADLINE_SCORE),
        (lead, lead_names, LEAD_SCORE),
    ):
        if _LIBYA.search(fold(text)) or (is_certain and names):
            return score
    return BODY_SCORE if is_certain else 0.0


def _proves_libya(entries: Sequence[GazetteerEntry]) -> bool:
    """Return whether the names together prove Libya: one person, or two distinct places."""
    places = {entry.ar for entry in entries if entry.kind == "place"}
    return len(places) > 1 or any(entry.kind == "person" for entry in entries)
