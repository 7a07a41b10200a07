"""Measure retrieval and answer quality on articles and questions with known answers."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from index.answering import AnswerTrace
from index.archive import Archive
from index.errors import InvalidInputError, format_validation_error
from index.ingest.text.json_lines import InvalidLine, parse_line, read_articles, read_lines
from index.models import Confidence, Draft, Quote
from index.progress import Progress, silent
from index.questions import InvalidQuestion, clean_question
from index.search.retriever import RetrievalResult
from index.text.language import detect_language, primary_subtag
from index.text.normalise import fold

CUTOFF = 10
"""Articles are ranked to this depth (nDCG@10, MRR@10)."""


class EvalQuestion(BaseModel):
    """A question, the id of the article that answers it (None if none does), and answer text."""

    model_config = ConfigDict(frozen=True)

    question: str
    article_id: Annotated[
        str | None,
        BeforeValidator(lambda value: str(value) if type(value) is int else value or None),
    ]
    answer: str | None = None
    kind: str | None = None
    """What it asks for (who, when, …), or how it is unanswerable: close, far; None if unknown."""
    near: str | None = None
    """An article that an unanswerable question is close to."""
    after: tuple[str, ...] = ()
    """Earlier questions that it may lean on, the last one last."""

    @property
    def is_close(self) -> bool:
        """Whether it is close to the archive's subjects but unanswerable."""
        return self.article_id is None and (self.near is not None or self.kind == "close")


class EvalGroup(BaseModel):
    """The figures of one group of answerable questions."""

    model_config = ConfigDict(populate_by_name=True)

    n: int
    recall_at_1: float | None = Field(serialization_alias="recall@1")
    answer_at_1: float | None = Field(serialization_alias="answer@1")
    false_abstained: float | None


class EvalReport(BaseModel):
    """The figures of `briefing eval`; None if there are no questions from which to compute one."""

    model_config = ConfigDict(populate_by_name=True)

    n: int
    recall_at_1: float | None = Field(serialization_alias="recall@1")
    recall_at_5: float | None = Field(serialization_alias="recall@5")
    mrr_at_10: float | None = Field(serialization_alias="mrr@10")
    ndcg_at_10: float | None = Field(serialization_alias="ndcg@10")
    answer_at_1: float | None = Field(serialization_alias="answer@1")
    answer_at_3: float | None = Field(serialization_alias="answer@3")
    highlight_at_1: float | None = Field(serialization_alias="highlight@1")
    abstained: float | None
    false_abstained: float | None
    auroc: float | None
    ask_ms: dict[str, float | None]
    index_passages_per_s: float | None
    passages: int
    abstained_close: float | None
    """The share of the unanswerable questions close to the archive's subjects that is refused."""
    abstained_far: float | None
    sure: float | None
    """The share of the answerable questions that gets a sure answer."""
    sure_right: float | None
    """The share of sure answers whose first quote is of the right article and holds the answer."""
    quotes_per_answer: float | None
    language_preference: float | None
    """Of the questions answered in another language, the share in which a passage in the question's
    own language stands before the right article."""
    by_kind: dict[str, EvalGroup]
    by_languages: dict[str, EvalGroup]
    """By the languages of the question and of the right article: `en-ar`."""


class EvalOutcome(NamedTuple):
    """The outcome of one question."""

    question: EvalQuestion
    rank: int | None
    """0-based rank of the right article; None if it is below `CUTOFF` or there is none."""
    trace: AnswerTrace
    seconds: float
    languages: tuple[str | None, str | None] = (None, None)
    """Of the question and of the right article."""
    has_own_language_before: bool = False
    """Whether an article in the question's language is ranked before the right one."""


def read_questions(path: Path) -> list[EvalQuestion]:
    """Read the questions of a .jsonl file. Raises `InvalidInputError` naming the line."""
    questions = []
    for number, _, raw in read_lines(path):
        try:
            question = EvalQuestion.model_validate(parse_line(raw))
            clean_question(question.question)
        except ValidationError as error:
            raise InvalidInputError(
                f"{path}, line {number}: {format_validation_error(error)}"
            ) from None
        except (InvalidQuestion, ValueError) as error:
            raise InvalidInputError(f"{path}, line {number}: {error}") from None
        questions.append(question)
    return questions


def read_drafts(path: Path) -> list[Draft]:
    """Read all articles of a .jsonl file. Raises `InvalidInputError` naming the line."""
    drafts = []
    for line in read_articles(path):
        if isinstance(line.content, InvalidLine):
            raise InvalidInputError(f"{path}, line {line.number}: {line.content.reason}")
        drafts.append(line.content)
    return drafts


def evaluate(
    archive: Archive,
    drafts: Sequence[Draft],
    questions: Sequence[EvalQuestion],
    progress: Progress = silent,
) -> EvalReport:
    """Add `drafts` to an empty `archive`, ask every question, and return the figures.

    Raises `InvalidInputError` if a question names an unknown article.
    """
    draft_ids = {draft.id for draft in drafts}
    unknown = {q.article_id for q in questions if q.article_id and q.article_id not in draft_ids}
    if unknown:
        raise InvalidInputError(
            f"{len(unknown)} article ids named by questions do not exist, such as {min(unknown)}"
        )
    _ = archive.embedder  # load the model before timing anything
    started = time.perf_counter()
    for number, draft in enumerate(drafts, 1):
        archive.add(draft)
        progress("index", number, len(drafts))
    seconds = time.perf_counter() - started
    outcomes = []
    for number, question in enumerate(questions, 1):
        outcomes.append(_ask(archive, question))
        progress("ask", number, len(questions))
    passage_count = archive.stats().passages
    return _build_report(
        outcomes, passage_count, passage_count / seconds if passage_count else None
    )


def _ask(archive: Archive, question: EvalQuestion) -> EvalOutcome:
    started = time.perf_counter()
    trace = archive.ask_with_trace(question.question, after=question.after)
    seconds = time.perf_counter() - started
    article_ids = rank_articles(trace.retrieved)
    expected_id = question.article_id
    rank = article_ids.index(expected_id) if expected_id in article_ids else None
    language = detect_language(question.question)
    expected = archive.find(expected_id) if expected_id else None
    languages_before = {
        article.language for each in article_ids[:rank] if (article := archive.find(each))
    }
    return EvalOutcome(
        question,
        rank,
        trace,
        seconds,
        (primary_subtag(language) or None, primary_subtag(expected.language) or None)
        if expected
        else (language, None),
        language in languages_before,
    )


def rank_articles(retrieved: RetrievalResult) -> list[str]:
    """Return the ids of the retrieved articles, ranked by best passage, up to `CUTOFF`."""
    article_ids = (
        retrieved.candidates[scored.passage_id].article_id for scored in retrieved.ranked
    )
    return list(dict.fromkeys(article_ids))[:CUTOFF]


def _build_report(outcomes: Sequence[EvalOutcome], passages: int, rate: float | None) -> EvalReport:
    answerable = [outcome for outcome in outcomes if outcome.question.article_id is not None]
    unanswerable = [outcome for outcome in outcomes if outcome.question.article_id is None]
    with_answer_text = [outcome for outcome in answerable if outcome.question.answer]
    ranks = [outcome.rank for outcome in answerable]
    milliseconds = [1_000 * outcome.seconds for outcome in outcomes]
    return EvalReport(
        n=len(answerable),
        recall_at_1=_mean(rank == 0 for rank in ranks),
        recall_at_5=_mean(rank is not None and rank < 5 for rank in ranks),
        mrr_at_10=_mean(0 if rank is None else 1 / (rank + 1) for rank in ranks),
        ndcg_at_10=_mean(0 if rank is None else 1 / math.log2(rank + 2) for rank in ranks),
        answer_at_1=_mean(_is_quoted(outcome, 1) for outcome in with_answer_text),
        answer_at_3=_mean(_is_quoted(outcome, 3) for outcome in with_answer_text),
        highlight_at_1=_mean(_is_highlighted(outcome) for outcome in with_answer_text),
        abstained=_mean(not outcome.trace.answer.answered for outcome in unanswerable),
        false_abstained=_mean(not outcome.trace.answer.answered for outcome in answerable),
        auroc=_auroc(
            [outcome.trace.log_odds for outcome in answerable],
            [outcome.trace.log_odds for outcome in unanswerable],
        ),
        abstained_close=_mean(
            not outcome.trace.answer.answered
            for outcome in unanswerable
            if outcome.question.is_close
        ),
        abstained_far=_mean(
            not outcome.trace.answer.answered
            for outcome in unanswerable
            if not outcome.question.is_close
        ),
        sure=_mean(_is_sure(outcome) for outcome in answerable),
        sure_right=_mean(_is_first_right(outcome) for outcome in outcomes if _is_sure(outcome)),
        quotes_per_answer=_mean(
            len(outcome.trace.answer.quotes)
            for outcome in outcomes
            if outcome.trace.answer.answered
        ),
        language_preference=_mean(
            outcome.has_own_language_before
            for outcome in answerable
            if all(outcome.languages) and outcome.languages[0] != outcome.languages[1]
        ),
        by_kind=_group(answerable, lambda outcome: outcome.question.kind),
        by_languages=_group(
            answerable,
            lambda outcome: (
                "-".join(filter(None, outcome.languages)) if all(outcome.languages) else None
            ),
        ),
        ask_ms={
            "p50": _round(np.percentile(milliseconds, 50)) if milliseconds else None,
            "p95": _round(np.percentile(milliseconds, 95)) if milliseconds else None,
        },
        index_passages_per_s=_round(rate) if rate else None,
        passages=passages,
    )


def _group(
    answerable: Sequence[EvalOutcome], key: Callable[[EvalOutcome], str | None]
) -> dict[str, EvalGroup]:
    """Return the figures of the outcomes by `key`; those without one are left out."""
    groups: dict[str, list[EvalOutcome]] = defaultdict(list)
    for outcome in answerable:
        name = key(outcome)
        if name is not None:
            groups[name].append(outcome)
    return {
        name: EvalGroup(
            n=len(group),
            recall_at_1=_mean(outcome.rank == 0 for outcome in group),
            answer_at_1=_mean(
                _is_quoted(outcome, 1) for outcome in group if outcome.question.answer
            ),
            false_abstained=_mean(not outcome.trace.answer.answered for outcome in group),
        )
        for name, group in sorted(groups.items())
    }


def _is_sure(outcome: EvalOutcome) -> bool:
    return outcome.trace.answer.confidence is Confidence.SURE


def _is_first_right(outcome: EvalOutcome) -> bool:
    """Return whether the first quote is of the right article and holds the answer, if any."""
    quotes = outcome.trace.answer.quotes[:1]
    carriers = {article.id for quote in quotes for article in (quote.article, *quote.also)}
    holds_answer = not outcome.question.answer or _is_quoted(outcome, 1)
    return outcome.question.article_id in carriers and holds_answer


def _is_quoted(outcome: EvalOutcome, limit: int) -> bool:
    answer_text = fold(outcome.question.answer or "")
    return any(answer_text in fold(quote.text) for quote in _shown_quotes(outcome)[:limit])


def _is_highlighted(outcome: EvalOutcome) -> bool:
    answer_text = fold(outcome.question.answer or "")
    return any(
        answer_text in fold(quote.text[slice(*quote.highlight)])
        for quote in _shown_quotes(outcome)[:1]
    )


def _shown_quotes(outcome: EvalOutcome) -> tuple[Quote, ...]:
    """Return the quotes and then the nearest passages."""
    return outcome.trace.answer.quotes + outcome.trace.answer.nearest


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the probability that an answerable question scores above an unanswerable one."""
    if not positive or not negative:
        return None
    difference = np.subtract.outer(np.array(positive), np.array(negative))
    return _round(np.mean((difference > 0) + 0.5 * (difference == 0)))


def _mean(values: Iterable[Any]) -> float | None:
    numbers = [float(value) for value in values]
    return _round(sum(numbers) / len(numbers)) if numbers else None


def _round(value: Any) -> float:
    return round(float(value), 4)
