"""What goes into the store and comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Passage
from index.text.passages import PassageSpan

Vectors = NDArray[np.float32]
"""One row per text, unit length."""


class EmbeddedPassage(NamedTuple):
    """A passage of an article that is about to be stored."""

    span: PassageSpan
    words: bytes
    """A digest of its folded words: equal for passages that say the same."""
    vector: NDArray[np.float32]
    sentence_vectors: Vectors
    """(n, d): one row for each of its sentences."""


class Embedded(NamedTuple):
    """An article's passages with their vectors, and the fingerprint of the model that made them."""

    fingerprint: str
    passages: Sequence[EmbeddedPassage]


class Candidate(NamedTuple):
    """A passage as ranking and choosing need it: its sentences' vectors, and whose it is."""

    passage: Passage
    words: bytes
    article_key: int
    article_id: str
    sentence_vectors: Vectors


class Change(NamedTuple):
    """One line of the log: after `seq`, the article with this key is no longer what it was."""

    seq: int
    article_key: int


class Record(NamedTuple):
    """An article's line in the database, for whoever decides what a load changes."""

    key: int
    changed: int
    """The number of its last change: what is written must be made from the newest."""
    brought: str
    removed: bool
    article: Article
