"""From a question to its answer: understood with the model alone, then looked up in the archive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from index.embeddings.embedder import Embedder
from index.models import Answer, DateWindow
from index.questions import asks_only_for_news, clean_question
from index.search.answerability import evidence, features
from index.search.quote_selection import newest_first, quotes
from index.search.retriever import QueryEmbedding, RetrievalResult, Retriever
from index.search.scoring import ScoredPassage
from index.storage.snapshot import Snapshot
from index.text.language import language_of
from index.text.time_expressions.resolver import TimedQuestion, extract_time_window


class EncodedQuestion(NamedTuple):
    """A question, cleaned; the time that it names; and its sense."""

    question: str
    timed: TimedQuestion
    sense: QueryEmbedding


class AnswerTrace(NamedTuple):
    """An answer, and everything that it was chosen from."""

    answer: Answer
    retrieved: RetrievalResult
    evidence: float
    """The log-odds that the best passage answers; minus infinity where there is none."""


def encode_question(
    question: str, embedder: Embedder, zone: ZoneInfo, now: datetime
) -> EncodedQuestion:
    """Clean a question, tell its time, and embed the rest of it. Raises `BadQuestion`."""
    question = clean_question(question)
    time = extract_time_window(question, now.astimezone(zone).date())
    words = question if asks_only_for_news(time.rest) else time.rest
    vector = embedder.embed_questions([words])[0]
    return EncodedQuestion(question, time, QueryEmbedding(words, vector, language_of(question)))


def answer_with_trace(
    retriever: Retriever, understood: EncodedQuestion, limit: int, window: DateWindow | None
) -> AnswerTrace:
    """Answer a question, and show what the answer was chosen from. Raises `ForeignVectors`."""
    with retriever.snapshot() as moment:
        time = understood.timed
        window = _window(window, time, moment)
        if asks_only_for_news(time.rest) and (time.period or time.latest):
            found = retriever.newest(moment, window, limit)
            decision = math.inf if found.ranked else -math.inf
        else:
            found = retriever.retrieve(moment, understood.sense, window, limit)
            decision = _evidence(retriever, found)
        answered, searched = decision > 0, found.searched
        if not found.searched:
            found = retriever.retrieve(moment, understood.sense, None, limit)
        shown = quotes(moment, _order(found, time), found.candidates, limit)
    answer = Answer(
        question=understood.question,
        answered=answered,
        window=window,
        quotes=shown if answered else (),
        nearest=() if answered else shown,
        searched=searched,
    )
    return AnswerTrace(answer, found, decision)


def _window(given: DateWindow | None, time: TimedQuestion, moment: Snapshot) -> DateWindow | None:
    """Return the window that is given or, where none is, the one that the question names.

    An open one is none; a named one is none where no article here has a date.
    """
    if given is not None:
        return given if given.since or given.until else None
    if time.period is None or not moment.has_dates():
        return None
    return DateWindow(since=time.period.since, until=time.period.until)


def _evidence(retriever: Retriever, found: RetrievalResult) -> float:
    rule = retriever.calibration.evidence
    if not found.ranked:
        return -math.inf
    if rule is None:
        return math.inf
    own_language = found.ranked[0].own_language
    return evidence(features(found.ranked, found.searched), rule, own_language=own_language)


def _order(found: RetrievalResult, time: TimedQuestion) -> Sequence[ScoredPassage]:
    return newest_first(found.ranked, found.candidates) if time.latest else found.ranked
