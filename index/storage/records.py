"""What goes into the store and comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.models import Article, Passage
from index.text.segmentation.passages import PassageSpan
from index.text.spans import Span
from index.text.terms import PassageTokens

Vectors = NDArray[np.float32]
"""One row per text, unit length."""


class NewPassage(NamedTuple):
    """A passage of an article that is about to be stored."""

    span: PassageSpan
    text_digest: bytes
    """A digest of its folded words: equal for passages that say the same."""
    vector: NDArray[np.float32]
    sentence_vectors: Vectors
    """(n, d): one row for each of its sentences."""
    tokens: PassageTokens
    cross_lingual_vector: NDArray[np.float32] | None
    """(e,): what the second encoder makes of it, where there is one."""


class EmbeddedArticle(NamedTuple):
    """An article's passages with their vectors, and the fingerprint of the model that made them."""

    fingerprint: str
    passages: Sequence[NewPassage]
    cross_lingual_fingerprint: str | None
    """The fingerprint of the second encoder, where there is one."""


class CandidatePassage(NamedTuple):
    """A passage as ranking and choosing need it, with whose it is. Its arrays are read-only."""

    passage_id: int
    start: int
    end: int
    text_digest: bytes
    """A digest of its folded words."""
    article_key: int
    article_id: str
    language: str | None
    published: str | None
    """An instant or a day, as text whose order is that of time."""
    vector: NDArray[np.float32]
    """(d,)"""
    sentences: NDArray[np.int32]
    """(n, 2): where its sentences start and end."""
    sentence_vectors: Vectors
    """(n, d)"""
    terms: NDArray[np.int32]
    """(k,): ids of words, those of what is embedded before it, then sentence by sentence."""
    term_counts: NDArray[np.int32]
    """(1 + n,): how many of `tokens` belong to each of these."""

    @property
    def passage(self) -> Passage:
        """The passage, made anew at every call: for what is quoted."""
        spans = tuple(Span(start, end) for start, end in self.sentences.tolist())
        return Passage(self.passage_id, self.start, self.end, spans)


class PassageTerms(NamedTuple):
    """The words of n passages, in the order of the passages' ids."""

    passage_ids: NDArray[np.int64]
    """(n,)"""
    article_keys: NDArray[np.int64]
    """(n,)"""
    terms: NDArray[np.int32]
    """Ids of words: all of the first passage, with those embedded before it, then the second's."""
    sizes: NDArray[np.int32]
    """(n,): how many of `tokens` each passage has."""
    lengths: NDArray[np.int32]
    """(n,): how many of these are its own, not of what is embedded before it."""


class AuditEntry(NamedTuple):
    """One line of the log of who changed what."""

    number: int
    recorded_at: str
    """An instant in UTC, ISO 8601."""
    actor: str
    action: str
    """added, replaced, edited, removed, restored; of people: invited, joined, revoked."""
    subject_id: str | None
    """The article's id, or the person's."""
    before: dict[str, Any] | None
    """What was changed, as it was: an article's fields by name, its text only where it changed."""
    after: dict[str, Any] | None


class ArticleArrival(NamedTuple):
    """An article that came into the archive, once, whoever carries it and however often."""

    seq: int
    """The number of the change by which it came."""
    article: Article
    suppress_alerts: bool
    """It is no news: it was there before its feed was followed, and nobody is alerted."""


class Change(NamedTuple):
    """One line of the log: after `seq`, the article with this key is no longer what it was."""

    seq: int
    article_key: int


class ArticleRecord(NamedTuple):
    """An article's line in the database, for whoever decides what a load changes."""

    key: int
    last_change_seq: int
    """The number of its last change: what is written must be made from the newest."""
    draft_digest: str
    embedding_fingerprint: str
    """The fingerprint of the model of its vectors."""
    removed: bool
    article: Article
