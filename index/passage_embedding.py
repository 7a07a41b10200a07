"""A story becomes passages with vectors: what the archive stores of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.embeddings.embedder import Embedder
from index.models import Draft
from index.storage.records import EmbeddedArticle, NewPassage
from index.text.headline import headline
from index.text.normalise import fold
from index.text.segmentation.passages import split
from index.text.spans import Span
from index.text.terms import LEAD_LENGTH, passage_words

_TEXTS_AT_ONCE = 256
"""How many texts are embedded in one call: bounds the memory a huge article takes."""


class PassageContext(NamedTuple):
    """What is embedded before each part of a story: its title or, without one, its lead."""

    words: str
    lead: int | None
    """Where the lead begins, which is not said twice; None where it is a title."""

    @classmethod
    def of_story(cls, draft: Draft, body: Span, first: int) -> Self:
        """Return the context of a story whose first passage begins at `first`."""
        if draft.title:
            return cls(draft.title, None)
        return cls(headline(draft.text, body, LEAD_LENGTH), first)

    def before(self, text: str, parts: Iterable[tuple[int, int]]) -> list[str]:
        """Return what is embedded for parts of the text, from start to end each."""
        return [
            text[start:end] if start == self.lead else f"{self.words}\n{text[start:end]}"
            for start, end in parts
        ]


def embed_story(
    draft: Draft, body: Span, embedder: Embedder, second: Embedder | None = None
) -> EmbeddedArticle:
    """Embed the passages and sentences of `body`, each after the title or, without one, the lead.

    What a passage leaves unsaid (which meeting? in which city?) was said there. The lead itself is
    not said twice. The words that search goes by are kept in the same order. The second encoder,
    where there is one, is given the same passages.
    """
    spans = split(draft.text, body)
    context = PassageContext.of_story(draft, body, spans[0].start)
    passages = context.before(draft.text, [(span.start, span.end) for span in spans])
    sentences = [context.before(draft.text, span.sentences) for span in spans]
    said = passage_words(
        draft.text, context.words, [span.sentences for span in spans], context.lead
    )
    vector = _vectors([*passages, *(each for group in sentences for each in group)], embedder)
    others: Sequence[NDArray[np.float32] | None] = [None] * len(spans)
    if second:
        others = list(second.embed_passages(passages))
    embedded = [
        NewPassage(
            span,
            _digest(fold(draft.text[span.start : span.end])),
            vector[passage],
            np.array([vector[sentence] for sentence in group]),
            terms,
            other,
        )
        for span, passage, group, terms, other in zip(
            spans, passages, sentences, said, others, strict=True
        )
    ]
    return EmbeddedArticle(embedder.fingerprint, embedded, second.fingerprint if second else None)


def _vectors(texts: Iterable[str], embedder: Embedder) -> dict[str, NDArray[np.float32]]:
    """Embed each distinct text once; return the vectors (d,) by text."""
    distinct = list(dict.fromkeys(texts))
    found: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(distinct), _TEXTS_AT_ONCE):
        chunk = distinct[start : start + _TEXTS_AT_ONCE]
        found.update(zip(chunk, embedder.embed_passages(chunk), strict=True))
    return found


def _digest(words: str) -> bytes:
    return hashlib.blake2b(words.encode(), digest_size=16).digest()
