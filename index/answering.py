"""Answer a question in two steps: encode it with the model, then search the archive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import encode_question as encode_question_text
from index.models import Answer, Confidence, DateWindow, Quote
from index.questions import asks_only_for_news, clean_question
from index.search.answerability import answer_log_odds, extract_features
from index.search.calibration import AnswerabilityWeights
from index.search.question_type import detect_question_type, holds_requested
from index.search.quote_selection import (
    SelectedPassage,
    build_quotes,
    newest_first,
    select_diverse,
)
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
    """Log-odds that the best quote answers the question; -inf if no passage was retrieved."""


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
    encoded = encode_question_text(embedder, embedded_text)
    embedding = QueryEmbedding(
        embedded_text, encoded.vector, detect_language(question), encoded.tokens
    )
    return EncodedQuestion(question, timed_question, embedding)


def answer_with_trace(
    retriever: Retriever, encoded: EncodedQuestion, limit: int, window: DateWindow | None
) -> AnswerTrace:
    """Answer a question and return the retrieval behind it. Raises `EmbeddingModelMismatch`."""
    with retriever.snapshot() as snapshot:
        timed_question = encoded.timed_question
        window = _choose_window(window, timed_question, snapshot)
        asks_for_newest = asks_only_for_news(timed_question.remaining_text) and bool(
            timed_question.period or timed_question.prefers_newest
        )
        if asks_for_newest:
            retrieved = retriever.load_newest(snapshot, window, limit)
        else:
            retrieved = retriever.retrieve(snapshot, encoded.embedding, window, limit)
        searched_count = retrieved.searched_count
        if not searched_count:
            retrieved = retriever.retrieve(snapshot, encoded.embedding, None, limit)
        passages = _order_passages(retrieved, timed_question)
        selected = select_diverse(passages, retrieved.candidates, limit)
        quotes = build_quotes(snapshot, selected)
    best = _index_of_best(selected)
    if asks_for_newest and searched_count:
        log_odds, is_sure = [math.inf] * len(quotes), True
    elif not searched_count:
        log_odds, is_sure = [-math.inf] * len(quotes), False
    else:
        judge = _QuoteJudge(retriever, retrieved, encoded.question)
        log_odds = [judge.log_odds(*pair) for pair in zip(selected, quotes, strict=True)]
        is_sure = bool(quotes) and judge.is_sure(selected[best], quotes[best])
    answer_odds = log_odds[best] if log_odds else -math.inf
    confidence = Confidence.SURE if is_sure else Confidence.POSSIBLE
    if answer_odds <= 0:
        confidence = Confidence.NONE
    answer = _build_answer(encoded.question, confidence, window, searched_count, quotes, log_odds)
    return AnswerTrace(answer, retrieved, answer_odds)


def _build_answer(
    question: str,
    confidence: Confidence,
    window: DateWindow | None,
    searched_count: int,
    quotes: Sequence[Quote],
    log_odds: Sequence[float],
) -> Answer:
    """Return the quotes that answer, and the others as the nearest passages."""
    is_answered = confidence is not Confidence.NONE
    judged = [
        quote.model_copy(update={"answers": is_answered and odds > 0})
        for quote, odds in zip(quotes, log_odds, strict=True)
    ]
    return Answer(
        question=question,
        confidence=confidence,
        window=window,
        quotes=tuple(quote for quote in judged if quote.answers),
        nearest=tuple(quote for quote in judged if not quote.answers),
        searched=searched_count,
    )


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


class _QuoteJudge:
    """Decides for one question which quotes answer, and whether one surely does."""

    def __init__(self, retriever: Retriever, retrieved: RetrievalResult, question: str) -> None:
        calibration = retriever.calibration
        self._retrieved = retrieved
        self._question_type = detect_question_type(question)
        has_tokens = retrieved.has_token_matches
        self._rule = calibration.answers if has_tokens else calibration.evidence
        self._sure_rule = calibration.sure if has_tokens else None

    def log_odds(self, selected: SelectedPassage, quote: Quote) -> float:
        """Return the log-odds that a quote answers; +inf for a model without a fitted rule."""
        return self._apply(self._rule, selected, quote)

    def is_sure(self, selected: SelectedPassage, quote: Quote) -> bool:
        """Return whether a quote surely answers; always without a rule for it."""
        return self._apply(self._sure_rule, selected, quote) > 0

    def _apply(
        self, rule: AnswerabilityWeights | None, selected: SelectedPassage, quote: Quote
    ) -> float:
        if rule is None:
            return math.inf
        features = extract_features(
            self._retrieved.ranked,
            selected.scored,
            self._retrieved.searched_count,
            lacks_requested=not holds_requested(self._question_type, quote.text),
        )
        return answer_log_odds(features, rule, same_language=selected.scored.same_language)


def _index_of_best(selected: Sequence[SelectedPassage]) -> int:
    """Return the index of the passage with the highest score; 0 if there is none."""
    return max(range(len(selected)), key=lambda index: selected[index].scored.score, default=0)


def _order_passages(
    retrieved: RetrievalResult, timed_question: TimedQuestion
) -> Sequence[ScoredPassage]:
    return (
        newest_first(retrieved.ranked, retrieved.candidates)
        if timed_question.prefers_newest
        else retrieved.ranked
    )
