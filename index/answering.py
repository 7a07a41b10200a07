"""Answer a question in two steps: encode it with the model, then search the archive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from index.embeddings.embedder import Embedder
from index.models import Answer, DateWindow
from index.questions import asks_only_for_news, clean_question
from index.search.answerability import answer_log_odds, extract_features
from index.search.quote_selection import build_quotes, newest_first
from index.search.retriever import QueryEmbedding, RetrievalResult, Retriever
from index.search.scoring import ScoredPassage
from index.storage.snapshot import Snapshot
from index.text.language import detect_language
from index.text.time_expressions.resolver import TimedQuestion, extract_time_window


class EncodedQuestion(NamedTuple):
    """A cleaned question, the time that it names, and the embedding of the rest."""

    question: str
    timed_question: TimedQuestion
    embedding: QueryEmbedding


class AnswerTrace(NamedTuple):
    """An answer with the retrieved passages and the score behind the decision to answer."""

    answer: Answer
    retrieved: RetrievalResult
    log_odds: float
    """Log-odds that the best passage answers the question; -inf if no passage was retrieved."""


def encode_question(
    question: str, embedder: Embedder, zone: ZoneInfo, now: datetime
) -> EncodedQuestion:
    """Clean a question, extract the time that it names and embed the rest.

    A question that asks only for news is embedded whole. Raises `InvalidQuestion`.
    """
    question = clean_question(question)
    timed_question = extract_time_window(question, now.astimezone(zone).date())
    embedded_text = (
        question
        if asks_only_for_news(timed_question.remaining_text)
        else timed_question.remaining_text
    )
    vector = embedder.embed_questions([embedded_text])[0]
    return EncodedQuestion(
        question, timed_question, QueryEmbedding(embedded_text, vector, detect_language(question))
    )


def answer_with_trace(
    retriever: Retriever, encoded: EncodedQuestion, limit: int, window: DateWindow | None
) -> AnswerTrace:
    """Answer a question and return the retrieval behind it. Raises `EmbeddingModelMismatch`."""
    with retriever.snapshot() as snapshot:
        timed_question = encoded.timed_question
        window = _choose_window(window, timed_question, snapshot)
        if asks_only_for_news(timed_question.remaining_text) and (
            timed_question.period or timed_question.prefers_newest
        ):
            retrieved = retriever.load_newest(snapshot, window, limit)
            log_odds = math.inf if retrieved.ranked else -math.inf
        else:
            retrieved = retriever.retrieve(snapshot, encoded.embedding, window, limit)
            log_odds = _compute_log_odds(retriever, retrieved)
        answered, searched_count = log_odds > 0, retrieved.searched_count
        if not retrieved.searched_count:
            retrieved = retriever.retrieve(snapshot, encoded.embedding, None, limit)
        selected_quotes = build_quotes(
            snapshot, _order_passages(retrieved, timed_question), retrieved.candidates, limit
        )
    answer = Answer(
        question=encoded.question,
        answered=answered,
        window=window,
        quotes=selected_quotes if answered else (),
        nearest=() if answered else selected_quotes,
        searched=searched_count,
    )
    return AnswerTrace(answer, retrieved, log_odds)


def _choose_window(
    requested: DateWindow | None, timed_question: TimedQuestion, snapshot: Snapshot
) -> DateWindow | None:
    """Return the requested window or, if None, the one that the question names.

    Returns None for a requested window without bounds, and for a named one if no article has a
    date.
    """
    if requested is not None:
        return requested if requested.since or requested.until else None
    if timed_question.period is None or not snapshot.has_dates():
        return None
    return DateWindow(since=timed_question.period.since, until=timed_question.period.until)


def _compute_log_odds(retriever: Retriever, retrieved: RetrievalResult) -> float:
    weights = retriever.calibration.evidence
    if not retrieved.ranked:
        return -math.inf
    if weights is None:
        return math.inf
    same_language = retrieved.ranked[0].same_language
    return answer_log_odds(
        extract_features(retrieved.ranked, retrieved.searched_count),
        weights,
        same_language=same_language,
    )


def _order_passages(
    retrieved: RetrievalResult, timed_question: TimedQuestion
) -> Sequence[ScoredPassage]:
    return (
        newest_first(retrieved.ranked, retrieved.candidates)
        if timed_question.prefers_newest
        else retrieved.ranked
    )
