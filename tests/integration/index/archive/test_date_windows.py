"""What is found, in which window, and when nothing is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.models import DateWindow, Draft
from index.questions import InvalidQuestion
from index.text.gazetteer import GazetteerConfig
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, SetClock, draft

NAMES = GazetteerConfig.model_validate(
    {
        "name": [
            {
                "kind": "body",
                "ar": ["مجلس نوران البلدي", "المجلس البلدي"],
                "en": ["NMC", "Noran Municipal Council"],
                "fr": ["CMN"],
                "seen": ["an invented town"],
            }
        ]
    }
)
COUNCIL = "اجتمع مجلس نوران البلدي لمناقشة الميزانية."
MEETING = "التقى سامي الورفلي أعضاء الغرفة التجارية أمس."
HARVEST = "بدأ موسم حصاد الشعير في السهل الشرقي."


@pytest.fixture
def news(open_archive: OpenArchive) -> Archive:
    """Dated news of an invented town; the clock stands at Thursday 5 February 2026."""
    archive = open_archive(names=NAMES)
    for given_id, text, published in (
        ("council", COUNCIL, "2026-02-04T10:00:00+02:00"),
        ("meeting", MEETING, "2026-01-28"),
        ("harvest", HARVEST, "2024-05-01"),
        ("port", PORT, None),
    ):
        archive.add(draft(given_id, text, published=published))
    return archive


def first(archive: Archive, question: str) -> str:
    found = archive.ask(question)
    return (found.quotes or found.nearest)[0].article.id


@pytest.mark.parametrize("question", ["NMC budget", "budget du CMN", "ميزانية المجلس البلدي"])
def test_a_known_name_is_found_under_any_of_its_spellings(news: Archive, question: str) -> None:
    assert first(news, question) == "council"


@pytest.mark.parametrize(
    "question", ["who met Sami al-Warfalli?", "Sami Werfelli", "Sami Ouarfalli"]
)
def test_a_name_that_no_list_has_is_found_by_its_sound(news: Archive, question: str) -> None:
    found = news.ask_with_trace(question).retrieved
    best = found.ranked[0]
    assert found.candidates[best.passage_id].article_id == "meeting"
    assert best.term_coverage > 0


@pytest.mark.parametrize(
    ("question", "window", "ids"),
    [
        ("what did the council discuss yesterday?", date(2026, 2, 4), {"council"}),
        ("ماذا ناقش المجلس أمس؟", date(2026, 2, 4), {"council"}),
        ("qu'a discuté le conseil hier ?", date(2026, 2, 4), {"council"}),
        ("الحصاد في عام 2024", date(2024, 1, 1), {"harvest"}),
    ],
)
def test_a_time_in_the_question_is_the_window_that_is_searched_and_told(
    news: Archive, question: str, window: date, ids: set[str]
) -> None:
    found = news.ask(question, limit=10)
    assert found.window
    assert found.window.since == window
    assert {quote.article.id for quote in found.quotes or found.nearest} == ids


def test_where_nothing_was_published_in_the_window_that_is_said_and_the_rest_is_near(
    news: Archive,
) -> None:
    found = news.ask("الحصاد في عام 2019")
    assert (found.answered, found.searched, found.quotes) == (False, 0, ())
    assert found.nearest[0].article.id == "harvest"


def test_an_open_window_widens_the_search_to_everything(news: Archive) -> None:
    question = news.encode_question("الحصاد في عام 2019")
    found = news.answer(question, window=DateWindow())
    assert found.window is None
    assert found.searched == 4
    assert (found.quotes or found.nearest)[0].article.id == "harvest"


def test_a_window_that_is_given_wins_over_the_one_in_the_question(news: Archive) -> None:
    given_window = DateWindow(since=date(2026, 1, 1))
    found = news.ask("الحصاد في عام 2024", window=given_window, limit=10)
    assert found.window == given_window
    assert "harvest" not in {quote.article.id for quote in found.quotes or found.nearest}


def test_a_question_without_a_window_drops_no_article_of_unknown_date(news: Archive) -> None:
    assert first(news, "متى يعود الميناء إلى العمل؟") == "port"


def test_in_an_archive_without_dates_a_time_in_the_question_is_no_window(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    found = archive.ask("متى يعود الميناء إلى العمل في عام 2024؟")
    assert found.window is None
    assert found.searched == 1


def test_a_question_of_nothing_but_a_time_gets_the_newest_of_it(news: Archive) -> None:
    found = news.ask("what happened this year?")
    assert found.answered
    assert [quote.article.id for quote in found.quotes] == ["council", "meeting"]


@pytest.mark.parametrize("question", ["latest news", "آخر الأخبار", "dernières nouvelles"])
def test_asked_for_the_latest_news_it_begins_with_the_newest(news: Archive, question: str) -> None:
    found = news.ask(question)
    assert found.answered
    assert [quote.article.id for quote in found.quotes] == ["council", "meeting", "harvest"]


def test_among_equals_the_latest_is_preferred_where_it_is_asked_for(
    open_archive: OpenArchive,
) -> None:
    archive = open_archive()
    for year in (2019, 2025, 2022):
        text = f"أعلنت إدارة ميناء الرمال إغلاق الرصيف رقم {year % 10} للصيانة."
        archive.add(draft(str(year), text, published=f"{year}-03-01"))
    assert first(archive, "latest on the port of Rimal") == "2025"


def test_what_the_archive_cannot_answer_is_refused_and_the_nearest_is_called_that(
    news: Archive,
) -> None:
    for question in ("Who won the 2022 World Cup final?", "كم يبعد القمر عن الأرض؟"):
        found = news.ask(question)
        assert not found.answered
        assert found.quotes == ()
        assert found.nearest
        assert found.searched == 4


def test_the_quotes_of_an_answer_say_different_things(open_archive: OpenArchive) -> None:
    archive = open_archive()
    for number in range(4):
        archive.add(draft(f"copy {number}", PORT, source=f"وكالة {number}"))
    archive.add(draft("nearly", PORT.replace("وقال", "كما قال")))
    archive.add(draft("school", SCHOOL))
    found = archive.ask("متى يعود الميناء إلى العمل؟", limit=6)
    texts = [quote.text for quote in found.quotes]
    assert sum("الميناء" in text for text in texts) == 1


def test_every_process_sees_a_change_of_words_at_once(open_archive: OpenArchive) -> None:
    here, there = open_archive(), open_archive()
    here.add(draft("a", HARVEST))
    here.ask("الشعير")
    there.edit("a", text="وصلت قافلة الملح إلى السوق القديم.")
    best = here.ask_with_trace("قافلة الملح").retrieved.ranked[0]
    assert best.term_coverage == 1


HOSTILE = [
    "\u202emirror\u202c port",
    "ميناء" + "\u0651" * 900,
    "po\u200brt\u200d \u2060reopens",
    "'; DROP TABLE passages; --",
    'port AND "x" NEAR/2 * OR (',
    "وقت" * 300,
    "متى يعود الميناء 港口 порт 🚢",
    "ⴰⵎⴰⵣⵉⵖ ⵜⴰⵎⵓⵔⵜ",
    "بندر کی باز می‌شود؟",
]


@pytest.mark.parametrize("question", HOSTILE)
def test_an_odd_question_gets_an_answer_or_is_refused(news: Archive, question: str) -> None:
    found = news.ask(question)
    assert found.answered == bool(found.quotes)


ODD = {
    "one word": "ميناء",
    "Persian": "بندر نوران روز یکشنبه باز می‌شود. شهردار گفت تعمیرات پایان یافته است.",
    "Amazigh": "ⵜⴰⵎⴷⵉⵏⵜ ⵏ ⵏⵓⵔⴰⵏ ⵜⵕⵥⵎ ⴰⵖⵔⴱⴰⵣ ⴰⵎⴰⵢⵏⵓ.",
    "mixed scripts": "Port الميناء порт 港口 reopened يوم الأحد.",
    "one long sentence": "الميناء يعمل " * 7_700,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_an_odd_article_is_held_and_can_be_asked_about(archive: Archive, text: str) -> None:
    archive.add(Draft(id="odd", text=text))
    found = archive.ask("الميناء")
    assert {quote.article.id for quote in (*found.quotes, *found.nearest)} == {"odd"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_answered_refused_or_no_question(news: Archive, question: str) -> None:
    try:
        found = news.ask(question)
    except InvalidQuestion:
        return
    assert found.answered == bool(found.quotes)


def test_news_in_three_languages_of_one_thing_begins_with_the_questions_own(
    open_archive: OpenArchive, clock: SetClock
) -> None:
    archive = open_archive()
    archive.add(draft("fr", RAIN))
    archive.add(
        draft(
            "en",
            "The town of Noran had heavy rain on Tuesday. Mayor Karim Zahran closed two bridges.",
        )
    )
    assert first(archive, "Which bridges did the mayor close?") == "en"
    assert first(archive, "Quels ponts le maire a-t-il fermés ?") == "fr"
