"""From candidates to an order: pure, no input or output.

A passage's score is the mean of its own cosine and its best sentence's, and a share of the
question's words by their rarity. Cosines are centred (see `calibration`) the more, the more
passages there are: among the few of one article, what sets it apart from its language says little.
A question none of whose words is anywhere loses nothing: the share is zero for every passage alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.calibration import Calibration, language_rows
from index.search.wording import Held, Wording, held
from index.store.rows import Candidate
from index.text.spans import Span

SENTENCE_WEIGHT = 0.5
"""How much of a passage's cosine is its best sentence's: see docs/evaluation.md, "The unit"."""
WORDS_WEIGHT = 0.36
"""What finding every word of the question adds to the score; across languages only names and
numbers can be found."""
OWN_LANGUAGE = 0.008
"""What a passage in the question's language has ahead of its equals in others."""
PLAIN_MEAN, PLAIN_SPREAD = 0.8, 2.9
"""Plain cosines lie about this mean, and closer together than centred ones by this factor."""
FEW = 50
"""In an archive of so many passages centred cosines count as much as plain ones."""


class Asked(NamedTuple):
    """A question as ranking needs it: its vector (d,), plain and centred; language and words."""

    plain: NDArray[np.float32]
    centred: NDArray[np.float32]
    language: str | None
    wording: Wording
    searched: int
    """Among how many passages it is asked."""


class Ranked(NamedTuple):
    """A passage with its score and best sentence (an offset into the article), and what made it."""

    passage_id: int
    article_key: int
    score: float
    best: Span
    own_language: bool
    passage_cosine: float
    sentence_cosine: float
    plain_cosine: float
    words: float
    words_in_sentence: float
    rarest_missing: float


class _Cosines(NamedTuple):
    """Of one passage: its own cosine and its sentences', centred; and plain."""

    passage: float
    sentences: NDArray[np.float32]
    plain_passage: float
    plain_sentence: float


def rank(asked: Asked, candidates: Sequence[Candidate], calibration: Calibration) -> list[Ranked]:
    """Order passages by their score, best first; ties go to the older passage."""
    if not candidates:
        return []
    ranked = [
        _ranked(asked, candidate, cosines, found)
        for candidate, cosines, found in zip(
            candidates,
            _cosines(asked, candidates, calibration),
            held(asked.wording, candidates),
            strict=True,
        )
    ]
    return sorted(ranked, key=lambda each: (-each.score, each.passage_id))


def _cosines(
    asked: Asked, candidates: Sequence[Candidate], calibration: Calibration
) -> Iterator[_Cosines]:
    counts = np.array([len(each.sentences) for each in candidates])
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rows = language_rows([each.language for each in candidates])
    sentences = np.concatenate([each.sentence_vectors for each in candidates])
    passages = np.array([each.vector for each in candidates])
    of_sentences = calibration.centred_cosines(asked.centred, sentences, np.repeat(rows, counts))
    of_passages = calibration.centred_cosines(asked.centred, passages, rows)
    plain_passages = (passages @ asked.plain).tolist()
    plain_sentences = np.maximum.reduceat(sentences @ asked.plain, firsts).tolist()
    for at, (first, count) in enumerate(zip(firsts.tolist(), counts.tolist(), strict=True)):
        yield _Cosines(
            float(of_passages[at]),
            of_sentences[first : first + count],
            plain_passages[at],
            plain_sentences[at],
        )


def _ranked(asked: Asked, candidate: Candidate, cosines: _Cosines, found: Held) -> Ranked:
    best = int(np.argmax(cosines.sentences))
    of_sentence = float(cosines.sentences[best])
    own = _primary(candidate.language) == _primary(asked.language)
    centred = _mean(cosines.passage, of_sentence)
    plain = _mean(cosines.plain_passage, cosines.plain_sentence)
    many = asked.searched / (asked.searched + FEW)
    meaning = many * centred + (1 - many) * PLAIN_SPREAD * (plain - PLAIN_MEAN)
    worded = WORDS_WEIGHT * found.relevance
    return Ranked(
        passage_id=candidate.passage_id,
        article_key=candidate.article_key,
        score=meaning + worded + OWN_LANGUAGE * own,
        best=Span(*candidate.sentences[best].tolist()),
        own_language=own,
        passage_cosine=cosines.passage,
        sentence_cosine=of_sentence,
        plain_cosine=cosines.plain_sentence,
        words=found.share,
        words_in_sentence=found.share_by_sentence[best],
        rarest_missing=found.rarest_missing,
    )


def _mean(of_passage: float, of_sentence: float) -> float:
    return (1 - SENTENCE_WEIGHT) * of_passage + SENTENCE_WEIGHT * of_sentence


def _primary(language: str | None) -> str:
    return (language or "").partition("-")[0]


def in_order(candidates: Sequence[Candidate]) -> list[Ranked]:
    """Return passages in the order that they are given, marked at their first sentences."""
    return [
        Ranked(
            passage_id=each.passage_id,
            article_key=each.article_key,
            score=0.0,
            best=Span(*each.sentences[0].tolist()),
            own_language=True,
            passage_cosine=0.0,
            sentence_cosine=0.0,
            plain_cosine=0.0,
            words=0.0,
            words_in_sentence=0.0,
            rarest_missing=0.0,
        )
        for each in candidates
    ]
