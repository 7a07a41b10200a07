"""An answer is sure, possible or none, and each quote is judged by itself."""

from __future__ import annotations

import pytest

from index.archive import Archive
from index.models import Confidence
from index.search.calibration import AnswerabilityWeights
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft

QUESTION = "متى يعود الميناء إلى العمل؟"
ALWAYS, NEVER = (AnswerabilityWeights(bias=bias, weights={}) for bias in (9, -9))
BY_LEAD = AnswerabilityWeights(bias=0, weights={"own.lead": 1, "other.lead": 1})
"""Only the passage with the highest score is ahead of all others."""


@pytest.fixture
def filled(open_archive: OpenArchive) -> Archive:
    archive = open_archive()
    for name, text in (("port", PORT), ("school", SCHOOL), ("rain", RAIN)):
        archive.add(draft(name, text))
    return archive


def judge_by(archive: Archive, **rules: AnswerabilityWeights) -> None:
    retriever = archive._retriever
    retriever.calibration = retriever.calibration.model_copy(update=rules)


@pytest.mark.parametrize(
    ("sure", "expected"), [(ALWAYS, Confidence.SURE), (NEVER, Confidence.POSSIBLE)]
)
def test_an_answer_is_sure_or_only_possible_by_its_best_quote(
    filled: Archive, sure: AnswerabilityWeights, expected: Confidence
) -> None:
    judge_by(filled, answers=ALWAYS, sure=sure)
    answer = filled.ask(QUESTION)
    assert (answer.confidence, answer.answered) == (expected, True)
    assert [quote.answers for quote in answer.quotes] == [True] * 3
    assert answer.nearest == ()


def test_a_quote_that_does_not_answer_is_left_to_the_nearest(filled: Archive) -> None:
    judge_by(filled, answers=BY_LEAD, sure=ALWAYS)
    answer = filled.ask(QUESTION)
    assert [quote.article.id for quote in answer.quotes] == ["port"]
    assert {quote.article.id for quote in answer.nearest} == {"school", "rain"}
    assert not any(quote.answers for quote in answer.nearest)


def test_without_a_quote_that_answers_there_is_silence_however_sure(filled: Archive) -> None:
    judge_by(filled, answers=NEVER, sure=ALWAYS)
    answer = filled.ask(QUESTION)
    assert (answer.confidence, answer.quotes, len(answer.nearest)) == (Confidence.NONE, (), 3)
