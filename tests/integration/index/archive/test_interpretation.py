"""A question is searched as it was meant: its spelling, its source, its time, its newest news."""

from __future__ import annotations

from datetime import date

import pytest

from index.archive import Archive
from index.models import Confidence, DateWindow
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft

PORT_QUESTION = "متى يعود ميناء نوران إلى العمل؟"


@pytest.fixture
def news(open_archive: OpenArchive) -> Archive:
    archive = open_archive()
    archive.add(draft("port", PORT, published="2026-01-10", source="BBC"))
    archive.add(draft("school", SCHOOL, published="2026-01-12", source="صحيفة نوران"))
    archive.add(draft("rain", RAIN, published="2024-03-20", source="skynews"))
    return archive


@pytest.mark.parametrize(
    ("question", "corrected"),
    [
        ("متى يعود الميناااء إلى العمل؟", "متى يعود الميناء إلى العمل؟"),
        ("متى يعود المنياء إلى العمل؟", "متى يعود الميناء إلى العمل؟"),
        ("متىيعودالميناء إلى العمل؟", "متى يعود الميناء إلى العمل؟"),
        ("mata ya3oud almina2?", "متى يعود الميناء?"),
        ("mata y3oud alminaa ila al3amal", "متى يعود الميناء إلى العمل"),
    ],
)
def test_a_misspelled_question_is_searched_as_it_was_meant(
    news: Archive, question: str, corrected: str
) -> None:
    answer = news.ask(question)
    assert answer.corrected == corrected
    assert (answer.quotes + answer.nearest)[0].article.id == "port"


@pytest.mark.parametrize(
    "question",
    [
        PORT_QUESTION,
        "متى يعود «الميناااء» إلى العمل؟",
        "علاش يعود الميناء",
        "When will the port reopen?",
        "harbour reopening",
        "Quand le port rouvre-t-il ?",
        "من هو Sam Waters؟",
        "the 3rd ship of 2026",
    ],
)
def test_what_may_be_right_is_not_corrected(news: Archive, question: str) -> None:
    assert news.ask(question).corrected is None


def test_a_literal_question_is_not_corrected(news: Archive) -> None:
    encoded = news.encode_question("متى يعود المنياء؟ according to BBC", literal=True)
    assert (encoded.corrected, encoded.sources) == (None, ())


def test_a_question_that_names_a_source_is_searched_there(news: Archive) -> None:
    answer = news.ask(f"{PORT_QUESTION[:-1]} بحسب بي بي سي؟")
    assert answer.sources == ("BBC",)
    shown = answer.quotes + answer.nearest
    assert {quote.article.source for quote in shown} == {"BBC"}
    everywhere = news.answer(news.encode_question("بحسب بي بي سي متى يعود الميناء"), sources=())
    assert everywhere.sources is None
    assert len(everywhere.quotes + everywhere.nearest) == 3


def test_a_month_without_a_year_is_the_newest_one_with_articles(news: Archive) -> None:
    march = news.ask("What happened in March?")
    assert march.window == DateWindow(since=date(2024, 3, 1), until=date(2024, 3, 31))
    assert [quote.article.id for quote in march.quotes] == ["rain"]
    may = news.ask("What happened in May?").window
    assert may
    assert may.since == date(2025, 5, 1)


def test_the_latest_of_a_topic_are_the_newest_articles_about_it(news: Archive) -> None:
    mention = (
        f"{RAIN}\n\nAt the end the mayor spoke of many things.\n\nThe port was not named much."
    )
    news.add(
        draft(
            "mention",
            "The market of Heron opened on Sunday with figs.\n\n" * 4 + mention,
            published="2026-02-01",
        )
    )
    news.add(
        draft(
            "older",
            "ميناء نوران يستقبل سفينة. وصلت السفينة إلى ميناء نوران.",
            published="2025-01-01",
        )
    )
    answer = news.ask("آخر أخبار ميناء نوران")
    assert [quote.article.id for quote in answer.quotes] == ["port", "older"]
    assert answer.confidence is Confidence.SURE


def test_the_newest_on_a_question_can_be_asked_for(news: Archive) -> None:
    encoded = news.encode_question("الميناء الأسبوع الماضي")
    answer = news.answer(encoded, window=DateWindow(), newest=True)
    assert answer.quotes[0].article.id == "port"


@pytest.mark.parametrize(
    "question",
    [
        "7a3b5 " * 150,
        "منهوالذيالتقىفينوران" * 45,
        "قخشصضطظا " * 110,
        "abcrl " * 160,
        "\u0640\u0640 ـ_ـ ً",
        "«متى يعود",
        "3rd2nd 7a",
    ],
)
def test_whatever_is_asked_is_interpreted_without_an_error(news: Archive, question: str) -> None:
    answer = news.ask(question[:999])
    assert answer.question
