"""How well the archive finds, over articles and questions whose answers are known."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from index.answering import AnswerTrace
from index.archive import Archive
from index.errors import InvalidInputError, reasons
from index.ingest.text.json_lines import InvalidLine, parsed, read_articles, read_lines
from index.models import Draft, Quote
from index.progress import Progress, silent
from index.questions import InvalidQuestion, clean_question
from index.search.retriever import RetrievalResult
from index.text.normalise import fold

CUTOFF = 10
"""Articles are ranked to this depth."""


class EvalQuestion(BaseModel):
    """A question, the article that answers it (None where none does), and words of the answer."""

    model_config = ConfigDict(frozen=True)

    question: str
    article_id: Annotated[
        str | None,
        BeforeValidator(lambda value: str(value) if type(value) is int else value or None),
    ]
    answer: str | None = None


class EvalReport(BaseModel):
    """The figures of `briefing eval`; None where there is nothing to take a figure from."""

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


class EvalOutcome(NamedTuple):
    """What came of one question."""

    question: EvalQuestion
    rank: int | None
    """The place of the right article, from 0; None below `CUTOFF` or where there is none."""
    examined: AnswerTrace
    seconds: float


def read_questions(path: Path) -> list[EvalQuestion]:
    """Read the questions of a .jsonl file. Raises `InvalidInputError`, which names the line."""
    found = []
    for number, _, raw in read_lines(path):
        try:
            question = EvalQuestion.model_validate(parsed(raw))
            clean_question(question.question)
        except ValidationError as error:
            raise InvalidInputError(f"{path}, line {number}: {reasons(error)}") from None
        except (InvalidQuestion, ValueError) as error:
            raise InvalidInputError(f"{path}, line {number}: {error}") from None
        found.append(question)
    return found


def read_drafts(path: Path) -> list[Draft]:
    """Read the articles of a .jsonl file, all of them. Raises `InvalidInputError`, which names the line."""
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
    """Load `drafts` into an empty `archive`, ask it every question, and report the figures."""
    known = {draft.id for draft in drafts}
    unknown = {q.article_id for q in questions if q.article_id and q.article_id not in known}
    if unknown:
        raise InvalidInputError(
            f"{len(unknown)} questions name an article that is not there: {min(unknown)}"
        )
    _ = archive.embedder  # loaded before anything is timed
    started = time.perf_counter()
    for number, draft in enumerate(drafts, 1):
        archive.add(draft)
        progress("index", number, len(drafts))
    seconds = time.perf_counter() - started
    outcomes = []
    for number, question in enumerate(questions, 1):
        outcomes.append(_ask(archive, question))
        progress("ask", number, len(questions))
    held = archive.holdings().passages
    return _report(outcomes, held, held / seconds if held else None)


def _ask(archive: Archive, question: EvalQuestion) -> EvalOutcome:
    started = time.perf_counter()
    examined = archive.examine(question.question)
    seconds = time.perf_counter() - started
    order = ranked_articles(examined.retrieved)
    right = question.article_id
    return EvalOutcome(question, order.index(right) if right in order else None, examined, seconds)


def ranked_articles(found: RetrievalResult) -> list[str]:
    """Return the ids of the articles found, each once, by its best passage, to `CUTOFF`."""
    ids = (found.candidates[ranked.passage_id].article_id for ranked in found.ranked)
    return list(dict.fromkeys(ids))[:CUTOFF]


def _report(outcomes: Sequence[EvalOutcome], passages: int, rate: float | None) -> EvalReport:
    answerable = [each for each in outcomes if each.question.article_id is not None]
    unanswerable = [each for each in outcomes if each.question.article_id is None]
    worded = [each for each in answerable if each.question.answer]
    places = [each.rank for each in answerable]
    milliseconds = [1_000 * each.seconds for each in outcomes]
    return EvalReport(
        n=len(answerable),
        recall_at_1=_mean(place == 0 for place in places),
        recall_at_5=_mean(place is not None and place < 5 for place in places),
        mrr_at_10=_mean(0 if place is None else 1 / (place + 1) for place in places),
        ndcg_at_10=_mean(0 if place is None else 1 / math.log2(place + 2) for place in places),
        answer_at_1=_mean(_quoted(each, 1) for each in worded),
        answer_at_3=_mean(_quoted(each, 3) for each in worded),
        highlight_at_1=_mean(_highlighted(each) for each in worded),
        abstained=_mean(not each.examined.answer.answered for each in unanswerable),
        false_abstained=_mean(not each.examined.answer.answered for each in answerable),
        auroc=_auroc(
            [each.examined.evidence for each in answerable],
            [each.examined.evidence for each in unanswerable],
        ),
        ask_ms={
            "p50": _rounded(np.percentile(milliseconds, 50)) if milliseconds else None,
            "p95": _rounded(np.percentile(milliseconds, 95)) if milliseconds else None,
        },
        index_passages_per_s=_rounded(rate) if rate else None,
        passages=passages,
    )


def _quoted(outcome: EvalOutcome, first: int) -> bool:
    words = fold(outcome.question.answer or "")
    return any(words in fold(quote.text) for quote in _shown(outcome)[:first])


def _highlighted(outcome: EvalOutcome) -> bool:
    words = fold(outcome.question.answer or "")
    return any(words in fold(quote.text[slice(*quote.highlight)]) for quote in _shown(outcome)[:1])


def _shown(outcome: EvalOutcome) -> tuple[Quote, ...]:
    """Return the quotes, or what would be quoted if nothing were held back."""
    return outcome.examined.answer.quotes or outcome.examined.answer.nearest


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that an answerable question scores above an unanswerable one."""
    if not positive or not negative:
        return None
    difference = np.subtract.outer(np.array(positive), np.array(negative))
    return _rounded(np.mean((difference > 0) + 0.5 * (difference == 0)))


def _mean(values: Iterable[Any]) -> float | None:
    found = [float(value) for value in values]
    return _rounded(sum(found) / len(found)) if found else None


def _rounded(value: Any) -> float:
    return round(float(value), 4)
