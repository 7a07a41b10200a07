"""Split a story into passages and embed them, as the archive stores them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import EncodedText, encode_passages, token_fingerprint
from index.models import Draft
from index.storage.records import EmbeddedArticle, NewPassage
from index.text.boilerplate import StoryBody
from index.text.headline import build_headline
from index.text.normalise import fold
from index.text.segmentation.passages import split_passages
from index.text.spans import Span
from index.text.terms import LEAD_LENGTH, passage_tokens

_BATCH_SIZE = 256
"""Number of texts embedded in one call; limits the memory that a huge article needs."""


class PassageContext(NamedTuple):
    """The prefix embedded with each part of a story: its title or, without one, its lead."""

    prefix: str
    lead_start: int | None
    """Offset of the lead, which is not prefixed with itself; None if the prefix is a title."""

    @classmethod
    def for_story(cls, draft: Draft, body: Span, first_start: int) -> Self:
        """Return the context of a story whose first passage begins at `first_start`."""
        if draft.title:
            return cls(draft.title, None)
        return cls(build_headline(draft.text, body, LEAD_LENGTH), first_start)

    def add_prefix(self, text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
        """Return the texts to embed for the parts (start, end) of `text`."""
        return [
            text[start:end] if start == self.lead_start else f"{self.prefix}\n{text[start:end]}"
            for start, end in spans
        ]


def embed_story(
    draft: Draft,
    story: StoryBody,
    embedder: Embedder,
    cross_lingual_embedder: Embedder | None = None,
) -> EmbeddedArticle:
    """Embed the passages and sentences of a story, prefixed with the title or else the lead.

    Its teasers are left out. The prefix supplies what a passage leaves out (which meeting? in which
    city?); the lead itself gets no prefix. The search terms are stored in the same order. The
    second encoder, if any, embeds the same passage texts.
    """
    spans = split_passages(draft.text, story.body, story.teasers)
    context = PassageContext.for_story(draft, story.body, spans[0].start)
    passage_texts = context.add_prefix(draft.text, [(span.start, span.end) for span in spans])
    sentence_texts = [context.add_prefix(draft.text, span.sentences) for span in spans]
    passage_terms = passage_tokens(
        draft.text, context.prefix, [span.sentences for span in spans], context.lead_start
    )
    # the context precedes the passage's own text, whose tokens alone are kept
    starts = [
        len(embedded_text) - (span.end - span.start)
        for embedded_text, span in zip(passage_texts, spans, strict=True)
    ]
    encoded = _encode_distinct(list(zip(passage_texts, starts, strict=True)), embedder)
    vectors = {text: encoded_text.vector for (text, _), encoded_text in encoded.items()}
    sentences = {sentence for group in sentence_texts for sentence in group}
    vectors |= _embed_distinct(sorted(sentences - vectors.keys()), embedder)
    cross_lingual_vectors: Sequence[NDArray[np.float32] | None] = [None] * len(spans)
    if cross_lingual_embedder:
        cross_lingual_vectors = list(cross_lingual_embedder.embed_passages(passage_texts))
    embedded = [
        NewPassage(
            span,
            _digest_text(fold(draft.text[span.start : span.end])),
            vectors[passage],
            np.array([vectors[sentence] for sentence in group]),
            terms,
            cross_lingual_vector,
            encoded[passage, start].tokens,
        )
        for span, passage, start, group, terms, cross_lingual_vector in zip(
            spans,
            passage_texts,
            starts,
            sentence_texts,
            passage_terms,
            cross_lingual_vectors,
            strict=True,
        )
    ]
    return EmbeddedArticle(
        embedder.fingerprint,
        embedded,
        cross_lingual_embedder.fingerprint if cross_lingual_embedder else None,
        token_fingerprint(embedder),
    )


def _encode_distinct(
    texts: Iterable[tuple[str, int]], embedder: Embedder
) -> dict[tuple[str, int], EncodedText]:
    """Encode each distinct text, with the start of its own tokens, once."""
    distinct = list(dict.fromkeys(texts))
    encoded: dict[tuple[str, int], EncodedText] = {}
    for first in range(0, len(distinct), _BATCH_SIZE):
        batch = distinct[first : first + _BATCH_SIZE]
        batch_texts, starts = zip(*batch, strict=True)
        encoded.update(zip(batch, encode_passages(embedder, batch_texts, starts), strict=True))
    return encoded


def _embed_distinct(texts: Sequence[str], embedder: Embedder) -> dict[str, NDArray[np.float32]]:
    """Embed distinct texts; return the vectors (d,) by text."""
    vectors: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(texts), _BATCH_SIZE):
        batch = texts[start : start + _BATCH_SIZE]
        vectors.update(zip(batch, embedder.embed_passages(batch), strict=True))
    return vectors


def _digest_text(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
