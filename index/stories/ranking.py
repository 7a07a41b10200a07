"""The order of stories, each with its reasons: pure.

The score is a sum that can be read: how many independent sources carry a story (each doubling
counts 1), how new it is (1 on the last day, half as much each day before), and how Libyan (3 where
its headline names Libya or somebody or something of it, 2 where its lead does, 1 where only the
rest names Libya). A story abroad so needs eight sources to stand beside one of Libya that a single
source has. A name may be another one's (طرابلس is a city of Lebanon as well, and many a country has
a مجلس النواب): it counts where the article names Libya, somebody of it, or two of its places.
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
"""What it counts where all of a story's articles name something of Libya there."""
_LIBYA = re.compile("ليبي(?!ري)|\\bliby")
"""In folded text: ليبيا and ليبي, but not ليبيريا; Libya, Libyan, Libye and libyen."""


def count_independent_sources(sources: Sequence[str | None], digests: Sequence[bytes]) -> int:
    """Return how many independent sources there are: of those with the same words only one counts.

    Articles whose source is not known count as one source among them.
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
    """Weigh a story by its articles and their first passages.

    `last_day` is the newest day of all.
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
    """Return how Libyan an article is, by what its headline and its first passage name."""
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
    """Say whether names can only be of Libya together: one of a person, or two of places."""
    places = {entry.ar for entry in entries if entry.kind == "place"}
    return len(places) > 1 or any(entry.kind == "person" for entry in entries)
