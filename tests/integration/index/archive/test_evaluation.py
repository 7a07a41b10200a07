from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import InvalidInputError
from index.evaluation import (
    EvalQuestion,
    _auroc,
    evaluate,
    rank_articles,
    read_drafts,
    read_questions,
)
from tests.fixtures.answer_comparison import assert_same_answer
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft

TOWN = [
    draft("port", PORT, title="الميناء يعود"),
    draft("school", SCHOOL),
    draft("rain", RAIN),
]
ASKED = [
    EvalQuestion(question="متى يعود الميناء إلى العمل؟", article_id="port", answer="يوم الأحد"),
    EvalQuestion(question="How many pupils enrolled?", article_id="school", answer="two hundred"),
    EvalQuestion(question="Who leads the council school?", article_id="rain"),
    EvalQuestion(question="Who won the chess final in Tarsila?", article_id=None),
]


def test_the_figures_are_what_their_definitions_say(archive: Archive) -> None:
    report = evaluate(archive, TOWN, ASKED)
    assert (report.n, report.passages) == (3, 3)
    assert report.recall_at_1 == pytest.approx(2 / 3, abs=1e-4)
    assert report.recall_at_5 == 1
    place = rank_articles(archive.ask_with_trace(ASKED[2].question).retrieved).index("rain")
    assert report.mrr_at_10 == pytest.approx((2 + 1 / (place + 1)) / 3, abs=1e-4)
    assert (report.answer_at_1, report.answer_at_3, report.highlight_at_1) == (1, 1, 1)
    assert (report.abstained, report.false_abstained) == (1, 0)
    assert report.ask_ms["p50"]
    assert report.index_passages_per_s


def test_the_figures_of_groups_are_those_of_their_questions(archive: Archive) -> None:
    asked = [
        ASKED[0].model_copy(update={"kind": "when"}),
        ASKED[1].model_copy(update={"kind": "how many"}),
        EvalQuestion(question="How many ships came to the port of Noran?", article_id="port"),
        EvalQuestion(question="Who built the port of Noran?", article_id=None, near="port"),
        EvalQuestion(question="Who won the chess final in Tarsila?", article_id=None, kind="far"),
    ]
    report = evaluate(archive, TOWN, asked)
    assert {kind: group.n for kind, group in report.by_kind.items()} == {"when": 1, "how many": 1}
    assert report.by_kind["when"].answer_at_1 == 1
    assert {pair: group.n for pair, group in report.by_languages.items()} == {
        "ar-ar": 1,
        "en-en": 1,
        "en-ar": 1,
    }
    ranked = rank_articles(archive.ask_with_trace(asked[2].question).retrieved)
    assert report.language_preference == float(ranked.index("school") < ranked.index("port"))
    assert report.abstained_far == 1
    assert report.abstained_close in (0, 1)
    assert report.quotes_per_answer
    assert report.quotes_per_answer >= 1
    assert report.sure is not None


def test_eval_asks_through_the_same_code_as_ask(open_archive: OpenArchive) -> None:
    evaluated, asked = open_archive("evaluated"), open_archive("asked")
    report = evaluate(evaluated, TOWN, ASKED)
    for each in TOWN:
        asked.add(each)
    answers = [asked.ask(question.question) for question in ASKED]
    firsts = [(answer.quotes or answer.nearest)[0] for answer in answers]
    right = [
        quote.article.id == question.article_id
        for question, quote in zip(ASKED, firsts, strict=True)
        if question.article_id
    ]
    assert report.recall_at_1 == pytest.approx(sum(right) / len(right), abs=1e-4)
    for question in ASKED:
        assert_same_answer(evaluated.ask(question.question), asked.ask(question.question))


def test_a_question_of_eval_may_lean_on_earlier_ones(archive: Archive) -> None:
    earlier = ("How many pupils enrolled in the new school?",)
    leaning = EvalQuestion(question="And who said so?", article_id="school", after=earlier)
    alone = leaning.model_copy(update={"after": ()})
    evaluate(archive, TOWN, [])
    asked = archive.ask_with_trace(leaning.question, after=leaning.after).answer
    assert asked.after == "pupils enrolled in the new school"
    assert evaluate(archive, TOWN, [leaning]).recall_at_1 == 1
    assert archive.ask_with_trace(alone.question, after=alone.after).answer.after is None


def test_figures_without_data_are_null(archive: Archive) -> None:
    report = evaluate(archive, TOWN, []).model_dump(by_alias=True)
    assert {name for name, value in report.items() if value is None} == {
        "recall@1",
        "recall@5",
        "mrr@10",
        "ndcg@10",
        "answer@1",
        "answer@3",
        "highlight@1",
        "abstained",
        "false_abstained",
        "auroc",
        "abstained_close",
        "abstained_far",
        "sure",
        "sure_right",
        "quotes_per_answer",
        "language_preference",
    }
    assert (report["by_kind"], report["by_languages"]) == ({}, {})
    assert report["ask_ms"] == {"p50": None, "p95": None}


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [([2, 3], [1], 1), ([1], [2, 3], 0), ([1, 3], [2], 0.5), ([1], [1], 0.5), ([], [1], None)],
)
def test_auroc_is_the_chance_that_an_answerable_question_scores_higher(
    positive: list[float], negative: list[float], area: float | None
) -> None:
    assert _auroc(positive, negative) == area


def test_a_bad_line_of_questions_or_articles_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"question": "x y", "article_id": null}\n{"question": 5}\n')
    with pytest.raises(InvalidInputError, match="line 2"):
        read_questions(path)
    path.write_text('{"text": "x y"}\nnonsense\n')
    with pytest.raises(InvalidInputError, match="line 2"):
        read_drafts(path)


def test_recall_on_arcd_is_well_above_the_plain_baselines(
    archive: Archive, evaluation_sets: Path
) -> None:
    arcd = evaluation_sets / "arcd"
    report = evaluate(
        archive, read_drafts(arcd / "articles.jsonl"), read_questions(arcd / "questions.jsonl")
    )
    assert report.n == 606
    assert report.recall_at_1 is not None
    assert report.recall_at_1 >= 0.75  # the plain baseline reaches 67.3


def test_recall_on_the_towns_own_news_is_whole(archive: Archive) -> None:
    """The small twin of the test above, which never skips."""
    assert evaluate(archive, TOWN, ASKED[:2]).recall_at_1 == 1


def test_articles_survive_the_round_through_json(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    fields = ("id", "title", "text", "source", "url", "published", "language")
    lines = [{name: getattr(each, name) for name in fields} for each in TOWN]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    assert read_drafts(path) == TOWN
