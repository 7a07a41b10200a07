"""Answer a question in two steps: encode it with the model, then search the archive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from index.dialogue.follow_ups import FollowUp, find_own_spans
from index.dialogue.intents import Intent, detect_intent, strip_small_talk
from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import encode_question as encode_question_text
from index.models import Answer, Confidence, DateWindow, Quote, SearchScope
from index.questions import asks_only_for_news, clean_question, refers_to_day
from index.search.answerability import answer_log_odds, extract_features
from index.search.calibration import AnswerabilityWeights
from index.search.event_grouping import assign_events, order_by_event
from index.search.question_type import detect_question_types, holds_requested
from index.search.quote_selection import (
    SelectedPassage,
    build_quotes,
    newest_first,
    select_diverse,
)
from index.search.retriever import QueryEmbedding, RetrievalResult, Retriever
from index.search.scoring import ScoredPassage
from index.search.source_filter import SourceMention
from index.search.spelling import normalise_spelling
from index.storage.snapshot import Snapshot
from index.text.language import detect_language
from index.text.time_expressions.resolver import (
    TimedQuestion,
    extract_time_window,
    previous_year,
)

SMALL_ARCHIVE, SMALL_ARCHIVE_MARGIN = 100, 0.6
"""Among fewer passages than this an answer is sure only with this much more log-odds: where little
is searched, the nearest passage is ahead of all others whether it answers or not."""
OWN_WORDS_WEIGHT, CONTRAST_WEIGHT = 2.0, 4.0
"""How much more a follow-up's own words count than those carried over to it, and so for a contrast
("and in Derna?"): docs/evaluation.md, "Small talk and follow-ups"."""
MAX_YEARS_BACK = 60
"""A month without a year is looked for in this many years."""


class EncodedQuestion(NamedTuple):
    """A cleaned question, the time that it names, and the embedding of the rest."""

    question: str
    timed_question: TimedQuestion
    embedding: QueryEmbedding
    corrected: str | None = None
    """The question with its spelling corrected, if that changed it: this is searched."""
    sources: tuple[str, ...] = ()
    """The sources that it names, as the archive spells them."""
    intent: Intent = Intent.QUESTION
    after: str | None = None
    """What was carried over from earlier questions."""
    understood: str = ""
    """The question as it was understood: later ones may lean on it."""


class QuestionContext(Protocol):
    """What interpreting a question needs of the archive."""

    def correct_spelling(self, question: str) -> str | None:
        """Return the question with its spelling corrected, or None if nothing is misspelled."""

    def find_source(self, question: str) -> SourceMention | None:
        """Return the sources that a question names, or None."""

    def classify_intent(self, message: str, vector: NDArray[np.float32]) -> Intent:
        """Return what a message with this vector (d,) is for."""

    def resolve_follow_up(
        self, question: str, earlier: Sequence[str], today: date
    ) -> FollowUp | None:
        """Return a follow-up with what it lacks, or None if the question stands alone."""


class AnswerTrace(NamedTuple):
    """An answer with the retrieved passages and the score behind the decision to answer."""

    answer: Answer
    retrieved: RetrievalResult
    log_odds: float
    """Log-odds that the best quote answers the question; -inf if no passage was retrieved."""


def encode_question(
    question: str,
    embedder: Embedder,
    zone: ZoneInfo,
    now: datetime,
    context: QuestionContext | None = None,
    after: Sequence[str] = (),
    related_articles: tuple[str, ...] = (),
) -> EncodedQuestion:
    """Clean a question, extract the source and the time that it names, and embed the rest.

    `after` are the questions before it, as they were understood, the last one last: a question that
    leans on them takes over what it lacks, and prefers `related_articles`, which answered them.
    Without `context` its spelling stays as it is, and it names no source. A question that asks only
    for news is embedded whole, and one that asks for the latest of a topic by that topic. Raises
    `InvalidQuestion`.
    """
    question = clean_question(question)
    today = now.astimezone(zone).date()
    intent = detect_intent(question) if context else Intent.QUESTION
    asked = strip_small_talk(question) if context else question
    follow_up = None
    if context and intent is Intent.QUESTION:
        follow_up = context.resolve_follow_up(asked, after, today)
    asked = follow_up.question if follow_up else asked
    corrected = context.correct_spelling(asked) if context else None
    mention = context.find_source(corrected or asked) if context else None
    searched = mention.remaining_text if mention else corrected or asked
    timed_question = extract_time_window(searched, today)
    if follow_up and not follow_up.names_time:
        timed_question = timed_question._replace(
            period=None, remaining_text=searched, year_is_implied=False
        )
    embedded_text = timed_question.topic or timed_question.remaining_text
    if asks_only_for_news(timed_question.remaining_text):
        embedded_text = searched or question
    spelled = normalise_spelling(embedded_text)
    encoded = encode_question_text(embedder, spelled)
    tokens = encoded.tokens
    if follow_up and tokens:
        weight = CONTRAST_WEIGHT if follow_up.is_contrast else OWN_WORDS_WEIGHT
        tokens = tokens.emphasise(find_own_spans(follow_up, spelled), weight)
    embedding = QueryEmbedding(
        embedded_text,
        encoded.vector,
        detect_language(searched),
        tokens,
        related_articles if follow_up and not follow_up.is_contrast else (),
    )
    sources = mention.sources if mention else ()
    if context and intent is Intent.QUESTION and not (follow_up or mention):
        if timed_question.period is None:
            is_embedded = embedded_text == question
            vector = encoded.vector if is_embedded else embedder.embed_questions([question])[0]
            intent = context.classify_intent(question, vector)
        elif _asks_for_latest(timed_question, question, today):
            intent = Intent.LATEST
    return EncodedQuestion(
        question,
        timed_question,
        embedding,
        corrected,
        sources,
        intent,
        follow_up.carried if follow_up else None,
        corrected or asked,
    )


def _asks_for_latest(timed_question: TimedQuestion, question: str, today: date) -> bool:
    """Return whether a question asks for all news of some days up to today or yesterday."""
    period = timed_question.period
    if period is None:
        return False
    return (
        (period.until is None or period.until >= today - timedelta(days=1))
        and detect_intent(timed_question.remaining_text) is Intent.LATEST
        and not refers_to_day(question)
    )


def answer_with_trace(
    retriever: Retriever,
    encoded: EncodedQuestion,
    limit: int,
    window: DateWindow | None,
    sources: tuple[str, ...] | None = None,
    *,
    newest: bool = False,
) -> AnswerTrace:
    """Answer a question and return the retrieval behind it.

    `window` and `sources` are those that the question names if they are None. `newest` asks for the
    newest articles about the question. Raises `EmbeddingModelMismatch`.
    """
    if encoded.intent not in (Intent.QUESTION, Intent.LATEST):
        return _reply_to_small_talk(encoded)
    with retriever.snapshot() as snapshot:
        scope = SearchScope(
            choose_window(window, encoded.timed_question, snapshot),
            encoded.sources if sources is None else sources,
        )
        found = _search(retriever, snapshot, encoded, scope, limit, newest=newest)
        selected = select_diverse(found.passages, found.retrieved.candidates, limit)
        quotes = build_quotes(snapshot, selected)
    best = _index_of_best(selected)
    if found.is_newest:
        log_odds, is_sure = [math.inf] * len(quotes), True
    elif not found.searched_count:
        log_odds, is_sure = [-math.inf] * len(quotes), False
    else:
        judge = _QuoteJudge(retriever, found.retrieved, encoded.understood or encoded.question)
        log_odds = [judge.log_odds(*pair) for pair in zip(selected, quotes, strict=True)]
        is_sure = bool(quotes) and judge.is_sure(selected[best], quotes[best])
    answer_odds = log_odds[best] if log_odds else -math.inf
    confidence = Confidence.SURE if is_sure else Confidence.POSSIBLE
    if answer_odds <= 0:
        confidence = Confidence.NONE
    answer = _build_answer(
        encoded,
        confidence,
        scope,
        found.searched_count,
        quotes,
        log_odds,
        keeps_order=found.is_newest,
    )
    return AnswerTrace(answer, found.retrieved, answer_odds)


def find_newest_on_subject(
    retriever: Retriever,
    encoded: EncodedQuestion,
    limit: int,
    sources: tuple[str, ...] | None = None,
) -> Answer:
    """Return quotes of the newest articles on the subject of a question as its nearest passages.

    All dates are searched; `sources` are those that the question names if they are None. Raises
    `EmbeddingModelMismatch`.
    """
    scope = SearchScope(sources=encoded.sources if sources is None else sources)
    with retriever.snapshot() as snapshot:
        if _asks_only_for_news(encoded):
            retrieved = retriever.load_newest(snapshot, scope, limit)
        else:
            retrieved = retriever.retrieve_newest_on_subject(
                snapshot, encoded.embedding, scope, limit
            ) or RetrievalResult([], {}, 0)
        selected = select_diverse(retrieved.ranked, retrieved.candidates, limit)
        quotes = build_quotes(snapshot, selected)
    return _build_answer(
        encoded,
        Confidence.NONE,
        scope,
        retrieved.searched_count,
        quotes,
        [-math.inf] * len(quotes),
        keeps_order=True,
    )


def _asks_only_for_news(encoded: EncodedQuestion) -> bool:
    """Return whether a question names no subject but the news."""
    return encoded.intent is Intent.LATEST or asks_only_for_news(
        encoded.timed_question.remaining_text
    )


def _reply_to_small_talk(encoded: EncodedQuestion) -> AnswerTrace:
    """Return an answer without quotes: nothing was asked."""
    answer = Answer(
        question=encoded.question,
        intent=encoded.intent,
        confidence=Confidence.NONE,
        window=None,
        quotes=(),
    )
    return AnswerTrace(answer, RetrievalResult([], {}, 0), -math.inf)


class _SearchResult(NamedTuple):
    """The passages found, in the order in which they are quoted."""

    retrieved: RetrievalResult
    passages: Sequence[ScoredPassage]
    searched_count: int
    """The number of passages in the scope; if it is 0, those found are outside it."""
    is_newest: bool
    """Whether they are the newest on what was asked, which needs no judgement."""


def _search(
    retriever: Retriever,
    snapshot: Snapshot,
    encoded: EncodedQuestion,
    scope: SearchScope,
    limit: int,
    *,
    newest: bool,
) -> _SearchResult:
    timed_question = encoded.timed_question
    asks_for_all_news = encoded.intent is Intent.LATEST or (
        asks_only_for_news(timed_question.remaining_text)
        and bool(
            newest or timed_question.period or timed_question.prefers_newest or encoded.sources
        )
    )
    if asks_for_all_news:
        retrieved = retriever.load_newest(snapshot, scope, limit)
        if retrieved.searched_count:
            return _SearchResult(retrieved, retrieved.ranked, retrieved.searched_count, True)
    elif newest or timed_question.topic:
        about = retriever.retrieve_newest(snapshot, encoded.embedding, scope, limit)
        if about:
            return _SearchResult(about, about.ranked, about.searched_count, True)
    retrieved = retriever.retrieve(snapshot, encoded.embedding, scope, limit)
    searched_count = retrieved.searched_count
    if not searched_count:
        retrieved = retriever.retrieve(snapshot, encoded.embedding, SearchScope(), limit)
    passages = _order_passages(retrieved, prefers_newest=newest or timed_question.prefers_newest)
    return _SearchResult(retrieved, passages, searched_count, False)


def _build_answer(
    encoded: EncodedQuestion,
    confidence: Confidence,
    scope: SearchScope,
    searched_count: int,
    quotes: Sequence[Quote],
    log_odds: Sequence[float],
    *,
    keeps_order: bool,
) -> Answer:
    """Return the quotes that answer, by event unless `keeps_order`, and the others as nearest.

    With `keeps_order` the nearest belong to no event.
    """
    is_answered = confidence is not Confidence.NONE
    judged = [
        quote.model_copy(update={"answers": is_answered and odds > 0})
        for quote, odds in zip(quotes, log_odds, strict=True)
    ]
    answering = assign_events([quote for quote in judged if quote.answers])
    others = tuple(quote for quote in judged if not quote.answers)
    return Answer(
        question=encoded.question,
        intent=encoded.intent,
        corrected=encoded.corrected,
        after=encoded.after,
        understood=encoded.understood if encoded.after else None,
        confidence=confidence,
        window=scope.window,
        sources=scope.sources or None,
        quotes=answering if keeps_order else order_by_event(answering),
        nearest=others if keeps_order else assign_events(others),
        searched=searched_count,
    )


def choose_window(
    requested: DateWindow | None, timed_question: TimedQuestion, snapshot: Snapshot
) -> DateWindow | None:
    """Return the requested window or, if None, the one that the question names.

    Returns None for a requested window without bounds, and for a named one if no article has a
    date. A month or day without a year is the latest one of which there are articles.
    """
    if requested is not None:
        return requested if requested.since or requested.until else None
    period = timed_question.period
    if period is None or not snapshot.has_dates():
        return None
    window = DateWindow(since=period.since, until=period.until)
    if not timed_question.year_is_implied:
        return window
    for _ in range(MAX_YEARS_BACK):
        named = DateWindow(since=period.since, until=period.until)
        if snapshot.has_articles_within(named):
            return named
        period = previous_year(period)
    return window


class _QuoteJudge:
    """Decides for one question which quotes answer, and whether one surely does."""

    def __init__(self, retriever: Retriever, retrieved: RetrievalResult, question: str) -> None:
        calibration = retriever.calibration
        self._retrieved = retrieved
        self._question_types = detect_question_types(question)
        self._gazetteer = retriever.gazetteer
        has_tokens = retrieved.has_token_matches
        self._rule = calibration.answers if has_tokens else calibration.evidence
        self._sure_rule = calibration.sure if has_tokens else None

    def log_odds(self, selected: SelectedPassage, quote: Quote) -> float:
        """Return the log-odds that a quote answers; +inf for a model without a fitted rule."""
        return self._apply(self._rule, selected, quote)

    def is_sure(self, selected: SelectedPassage, quote: Quote) -> bool:
        """Return whether a quote surely answers; always without a rule for it."""
        is_small = self._retrieved.searched_count < SMALL_ARCHIVE
        return self._apply(self._sure_rule, selected, quote) > (
            SMALL_ARCHIVE_MARGIN if is_small else 0
        )

    def _apply(
        self, rule: AnswerabilityWeights | None, selected: SelectedPassage, quote: Quote
    ) -> float:
        if rule is None:
            return math.inf
        features = extract_features(
            self._retrieved.ranked,
            selected.scored,
            self._retrieved.searched_count,
            lacks_requested=not holds_requested(self._question_types, quote.text, self._gazetteer),
        )
        return answer_log_odds(features, rule, same_language=selected.scored.same_language)


def _index_of_best(selected: Sequence[SelectedPassage]) -> int:
    """Return the index of the passage with the highest score; 0 if there is none."""
    return max(range(len(selected)), key=lambda index: selected[index].scored.score, default=0)


def _order_passages(retrieved: RetrievalResult, *, prefers_newest: bool) -> Sequence[ScoredPassage]:
    if prefers_newest:
        return newest_first(retrieved.ranked, retrieved.candidates)
    return retrieved.ranked
