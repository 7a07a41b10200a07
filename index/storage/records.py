"""Data classes that the article store accepts and returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embeddings.token_vectors import TokenVectors
from index.models import Article, Passage
from index.text.segmentation.passages import PassageSpan
from index.text.spans import Span
from index.text.terms import PassageTokens

Vectors = NDArray[np.float32]
"""One row of unit length per text."""


class NewPassage(NamedTuple):
    """A passage of an article that is about to be stored."""

    span: PassageSpan
    text_digest: bytes
    """A digest of its folded words: equal for passages with the same text."""
    vector: NDArray[np.float32]
    sentence_vectors: Vectors
    """(n, d): one row per sentence."""
    tokens: PassageTokens
    cross_lingual_vector: NDArray[np.float32] | None
    """(e,): the cross-lingual encoder's vector; None without such an encoder."""
    token_vectors: TokenVectors | None
    """None if the model has no token projection."""


class EmbeddedArticle(NamedTuple):
    """An article's passages with their vectors, and the fingerprint of the model that made them."""

    fingerprint: str
    passages: Sequence[NewPassage]
    cross_lingual_fingerprint: str | None
    """The fingerprint of the cross-lingual encoder; None without one."""
    token_fingerprint: str | None
    """Identifies the token vectors; None if there are none."""


class CandidatePassage(NamedTuple):
    """A passage with its article's metadata, for ranking and selection; arrays are read-only."""

    passage_id: int
    start: int
    end: int
    text_digest: bytes
    """A digest of its folded words."""
    article_key: int
    article_id: str
    language: str | None
    published: str | None
    """An instant in UTC or a day, as text that sorts by time."""
    vector: NDArray[np.float32]
    """(d,)"""
    sentences: NDArray[np.int32]
    """(n, 2): start and end of each sentence, in code points of the article's text."""
    sentence_vectors: Vectors
    """(n, d)"""
    terms: NDArray[np.int32]
    """(k,): word ids of the context that is embedded before it, then of each sentence."""
    term_counts: NDArray[np.int32]
    """(1 + n,): how many of `terms` belong to the context and to each sentence."""

    @property
    def passage(self) -> Passage:
        """The passage as `Passage`, built at every access: for quoted passages only."""
        spans = tuple(Span(start, end) for start, end in self.sentences.tolist())
        return Passage(self.passage_id, self.start, self.end, spans)


class PassageTerms(NamedTuple):
    """The word ids of n passages, ordered by passage id."""

    passage_ids: NDArray[np.int64]
    """(n,)"""
    article_keys: NDArray[np.int64]
    """(n,)"""
    terms: NDArray[np.int32]
    """(sum of sizes,): word ids of the first passage with its context, then of the second, ..."""
    sizes: NDArray[np.int32]
    """(n,): how many of `terms` each passage has, its context included."""
    lengths: NDArray[np.int32]
    """(n,): how many each passage has without its context."""


class AuditEntry(NamedTuple):
    """One entry of the audit log."""

    number: int
    recorded_at: str
    """An instant in UTC, ISO 8601."""
    actor: str
    action: str
    """Articles: added, replaced, edited, removed, restored; people: invited, joined, revoked;
    feeds: feed added, feed changed, feed removed."""
    subject_id: str | None
    """The id of the article, the person or the feed."""
    before: dict[str, Any] | None
    """The old values of the changed fields by name; an article's text only if it changed."""
    after: dict[str, Any] | None
    """The new values of the same fields."""


class ArticleArrival(NamedTuple):
    """An article that was added to the archive; later copies and edits are no arrivals."""

    seq: int
    """The number of the change that added it."""
    article: Article
    suppress_alerts: bool
    """Whether it is no news: its feed listed it before the feed was followed."""


class Change(NamedTuple):
    """One entry of the change log: change number `seq` modified this article."""

    seq: int
    article_key: int


class ArticleRecord(NamedTuple):
    """An article's row in the database, to decide what loading a draft changes."""

    key: int
    last_change_seq: int
    """The number of its last change; a write must be based on the newest one."""
    draft_digest: str
    """A digest of the draft that it was last loaded from."""
    embedding_fingerprint: str
    """The fingerprint of the model that made its vectors."""
    removed: bool
    article: Article
