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

IN_HEADLINE, IN_LEAD, ELSEWHERE = 3.0, 2.0, 1.0
"""What it counts where all of a story's articles name something of Libya there."""
_LIBYA = re.compile("ليبي(?!ري)|\\bliby")
"""In folded text: ليبيا and ليبي, but not ليبيريا; Libya, Libyan, Libye and libyen."""


def independent(sources: Sequence[str | None], digests: Sequence[bytes]) -> int:
    """Return how many independent sources there are: of those with the same words only one counts.

    Articles whose source is not known count as one source among them.
    """
    first_of_words: dict[bytes, str | None] = {}
    for source, digest in zip(sources, digests, strict=True):
        first_of_words.setdefault(digest, source)
    return len(set(first_of_words.values()))


def explain_rank(
    articles: Sequence[Article],
    leads: Sequence[str],
    digests: Sequence[bytes],
    newest: date,
    last: date,
    names: Gazetteer,
) -> RankExplanation:
    """Weigh a story by its articles and their first passages; `last` is the newest day of all."""
    sources = independent([each.source for each in articles], digests)
    told = [libya_relevance(each, lead, names) for each, lead in zip(articles, leads, strict=True)]
    return RankExplanation(
        sources=sources,
        carried=math.log2(sources),
        newest=newest,
        new=2.0 ** -max(0, (last - newest).days),
        libyan=sum(told) / len(told),
    )


def libya_relevance(article: Article, lead: str, names: Gazetteer) -> float:
    """Return how Libyan an article is, by what its headline and its first passage name."""
    sure = bool(_LIBYA.search(fold(article.text)))
    headline, body = names.at_home(article.headline), names.at_home(lead)
    sure = sure or _is_proof([*headline, *body])
    for text, named, counts in (
        (article.headline, headline, IN_HEADLINE),
        (lead, body, IN_LEAD),
    ):
        if _LIBYA.search(fold(text)) or (sure and named):
            return counts
    return ELSEWHERE if sure else 0.0


def _is_proof(named: Sequence[GazetteerEntry]) -> bool:
    """Say whether names can only be of Libya together: one of a person, or two of places."""
    places = {each.ar for each in named if each.kind == "place"}
    return len(places) > 1 or any(each.kind == "person" for each in named)
