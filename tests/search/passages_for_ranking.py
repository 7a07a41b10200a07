"""Candidates made by hand, for the tests of ranking, wording and choosing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.search.calibration import Calibration
from index.search.lexical import Sought
from index.search.rank import Asked
from index.search.wording import Wording
from index.store.rows import Candidate

QUESTION = np.array([1, 0], np.float32)
MANY = 10_000
"""Among so many passages centred cosines decide alone, or nearly."""


def candidate(
    key: int,
    *cosines: float,
    own: float = 0.5,
    words: bytes = b"",
    said: Sequence[Sequence[int]] = (),
    context: Sequence[int] = (),
    language: str | None = "ar",
    published: str | None = None,
    article: int | None = None,
) -> Candidate:
    """Return a passage whose vector and sentences have these cosines with `QUESTION`.

    It is the only one of its article, unless the article's key is given.
    """
    parts = [list(context), *(list(each) for each in said or [[]] * len(cosines))]
    return Candidate(
        passage_id=key,
        start=0,
        end=10 * len(cosines),
        words=words or str(key).encode(),
        article_key=key if article is None else article,
        article_id=f"article-{key if article is None else article}",
        language=language,
        published=published,
        vector=_unit(own),
        sentences=np.array([(10 * n, 10 * n + 9) for n in range(len(cosines))], np.int32),
        sentence_vectors=np.array([_unit(cosine) for cosine in cosines]),
        terms=np.array([word for part in parts for word in part], np.int32),
        term_counts=np.array([len(part) for part in parts], np.int32),
    )


def word(*ids: int) -> Sought:
    """Return a word sought under the ids of its forms."""
    return Sought(((np.array(ids, np.int32),),) if ids else ())


def name(*spellings: Sequence[int]) -> Sought:
    """Return a name sought under spellings of several words, each an id."""
    return Sought(tuple(tuple(np.array([each], np.int32) for each in one) for one in spellings))


def wording(*sought: Sought, rarity: Sequence[float] = (), passages: int = 100) -> Wording:
    """Return what a question seeks, all of it equally rare unless said otherwise."""
    rare = np.array(rarity or [1.0] * len(sought))
    return Wording(sought, rare, passages, 10.0)


def asked(
    seeks: Wording | None = None,
    language: str | None = "ar",
    among: int = MANY,
    across: Mapping[int, float] | None = None,
) -> Asked:
    """Return a question in Arabic that seeks no words, unless said otherwise."""
    return Asked(QUESTION, QUESTION, language, seeks or wording(), among, across or {})


UNKNOWN = Calibration.unknown("x", 2)


def _unit(cosine: float) -> np.ndarray:
    return np.array([cosine, (1 - cosine**2) ** 0.5], np.float32)
