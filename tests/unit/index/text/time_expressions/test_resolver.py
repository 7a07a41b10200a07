"""The time in a question becomes days of publication, or stays part of the question."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.spans import word_set
from index.text.time_expressions.resolver import Period, extract_time_window, previous_year

TODAY = date(2026, 2, 10)
"""A Tuesday; its week began on Sunday 8 February."""


def days(text: str) -> Period | None:
    """Return the days that "2026-02-01..2026-02-07", "2018-01-01.." or "2026-02-09" stands for."""
    if not text:
        return None
    since, dots, until = text.partition("..")
    first = date.fromisoformat(since) if since else None
    return Period(first, date.fromisoformat(until) if until else None if dots else first)


ARABIC = [
    ("ماذا حدث اليوم؟", "2026-02-10"),
    ("ما أخبار ليبيا اليوم؟", "2026-02-10"),
    ("من وصل هذا الصباح؟", "2026-02-10"),
    ("من وصل صباح اليوم الثلاثاء؟", "2026-02-10"),
    ("من التقى سالم بالأمس؟", "2026-02-09"),
    ("ماذا قيل أَمْسِ؟", "2026-02-09"),
    ("ماذا قيل يوم أمس في سبها؟", "2026-02-09"),
    ("ماذا حدث أمس واليوم؟", "2026-02-09..2026-02-10"),
    ("من وصل أول أمس؟", "2026-02-08"),
    ("من وصل قبل الأمس؟", "2026-02-08"),
    ("من وصل أمس الأول؟", "2026-02-08"),
    ("من التقى في بنغازي الأسبوع الماضي؟", "2026-02-01..2026-02-07"),
    ("ماذا حدث الاسبوع الماضى", "2026-02-01..2026-02-07"),
    ("ماذا حدث في الأسبـــوع المنصرم؟", "2026-02-01..2026-02-07"),
    ("ماذا حدث الأسبوع قبل الماضي؟", "2026-01-25..2026-01-31"),
    ("أخبار الأسبوع الجاري", "2026-02-08..2026-02-14"),
    ("من استقال هذا الأسبوع؟", "2026-02-08..2026-02-14"),
    ("كم بلغ الإنتاج الشهر الماضي؟", "2026-01-01..2026-01-31"),
    ("كم بلغ الإنتاج الشهر الحالي؟", "2026-02-01..2026-02-28"),
    ("من استقال العام الماضي؟", "2025-01-01..2025-12-31"),
    ("من استقال هذا العام؟", "2026-01-01..2026-12-31"),
    ("ماذا حدث خلال الأيام الثلاثة الماضية؟", "2026-02-08..2026-02-10"),
    ("ماذا حدث خلال الأيام الـ٣ الماضية؟", "2026-02-08..2026-02-10"),
    ("ماذا حدث في آخر 5 أيام؟", "2026-02-06..2026-02-10"),
    ("ماذا حدث خلال آخر أسبوعين؟", "2026-01-28..2026-02-10"),
    ("ماذا حدث في اليومين الماضيين؟", "2026-02-09..2026-02-10"),
    ("ماذا حدث آخر أسبوع؟", "2026-02-04..2026-02-10"),
    ("ماذا حدث خلال الشهرين الماضيين؟", "2025-12-11..2026-02-10"),
    ("ماذا حدث قبل ثلاثة أيام؟", "2026-02-07"),
    ("ماذا حدث قبل يومين في درنة؟", "2026-02-08"),
    ("ماذا حدث قبل أسبوع؟", "2026-02-01..2026-02-07"),
    ("من استقال قبل شهرين؟", "2025-12-01..2025-12-31"),
    ("من استقال قبل 3 سنوات؟", "2023-01-01..2023-12-31"),
    ("من استقال منذ يومين؟", "2026-02-08.."),
    ("من وصل في شباط؟", "2026-02-01..2026-02-28"),
    ("من وصل في آب؟", "2025-08-01..2025-08-31"),
    ("من وصل في شهر فبراير الماضي؟", "2025-02-01..2025-02-28"),
    ("من وصل في فبراير 2018؟", "2018-02-01..2018-02-28"),
    ("من وصل بفبراير 2018؟", "2018-02-01..2018-02-28"),
    ("من وصل في جانفي ٢٠١٨؟", "2018-01-01..2018-01-31"),
    ("من وصل في كانون الثاني 2018؟", "2018-01-01..2018-01-31"),
    ("من وصل في شهر هانيبال 2009؟", "2009-08-01..2009-08-31"),
    ("من وصل في مارس من العام الماضي؟", "2025-03-01..2025-03-31"),
    ("ماذا تغير منذ يناير؟", "2026-01-01.."),
    ("ماذا تغير منذ عام 2016؟", "2016-01-01.."),
    ("ومنذ 2016 ماذا تغير؟", "2016-01-01.."),
    ("ماذا تغير منذ نهاية عام 2016؟", "2016-01-01.."),
    ("ماذا تغير منذ الأسبوع الماضي؟", "2026-02-01.."),
    ("ماذا حدث قبل عام 2015؟", "..2014-12-31"),
    ("ماذا حدث بعد مارس 2017؟", "2017-04-01.."),
    ("ماذا حدث حتى يونيو 2016؟", "..2016-06-30"),
    ("ماذا حدث بين عامي 2015 و2017؟", "2015-01-01..2017-12-31"),
    ("ماذا حدث من مارس إلى مايو 2017؟", "2017-03-01..2017-05-31"),
    ("ماذا حدث في الفترة من نوفمبر إلى يناير 2017؟", "2016-11-01..2017-01-31"),
    ("ماذا حدث من 4 إلى 10 فبراير 2025؟", "2025-02-04..2025-02-10"),
    ("ماذا حدث من 2015 حتى الآن؟", "2015-01-01..2026-02-10"),
    ("ماذا حدث منذ 2015 حتى 2017؟", "2015-01-01..2017-12-31"),
    ("ماذا حدث في عام 2017؟", "2017-01-01..2017-12-31"),
    ("ماذا حدث عام 2017؟", "2017-01-01..2017-12-31"),
    ("ماذا حدث سنة ٢٠١٧ في سبها؟", "2017-01-01..2017-12-31"),
    ("ما أهم الأخبار لعام ٢٠١٧؟", "2017-01-01..2017-12-31"),
    ("ماذا حدث في 2015 و2016؟", "2015-01-01..2016-12-31"),
    ("ماذا حدث يوم 4 فبراير 2026؟", "2026-02-04"),
    ("ماذا حدث في 4 شباط؟", "2026-02-04"),
    ("ماذا حدث الأربعاء 4 فبراير 2026؟", "2026-02-04"),
    ("ماذا حدث يوم الثلاثاء؟", "2026-02-10"),
    ("ماذا حدث يوم الثلاثاء الماضي؟", "2026-02-03"),
    ("ماذا حدث الأحد الماضي؟", "2026-02-08"),
    ("ماذا حدث منذ الأحد؟", "2026-02-08.."),
    ("ماذا جرى بين سالم وخالد عام 2019؟", "2019-01-01..2019-12-31"),
    ("ماذا جرى بين سالم وخالد الأسبوع الماضي؟", "2026-02-01..2026-02-07"),
    ("كم بلغ الإنتاج منذ بداية العام؟", "2026-01-01.."),
    ("من وصل في سبتمبر (أيلول) 2018؟", "2018-09-01..2018-09-30"),
    ("من وصل في سبتمبر/أيلول 2018؟", "2018-09-01..2018-09-30"),
    ("وأمس ماذا حدث؟", "2026-02-09"),
    ("شنو صار امبارح؟", "2026-02-09"),
    ("شنو صار الأسبوع اللي فات؟", "2026-02-01..2026-02-07"),
    ("أخبار سبها لهذا الأسبوع", "2026-02-08..2026-02-14"),
    ("What happened in بنغازي الأسبوع الماضي?", "2026-02-01..2026-02-07"),
]
ENGLISH = [
    ("What happened today?", "2026-02-10"),
    ("What is today's news?", "2026-02-10"),
    ("Who arrived this morning?", "2026-02-10"),
    ("Who arrived yesterday evening?", "2026-02-09"),
    ("Who arrived the day before yesterday?", "2026-02-08"),
    ("who met in Benghazi last week?", "2026-02-01..2026-02-07"),
    ("who met in Benghazi the week before last?", "2026-01-25..2026-01-31"),
    ("Who met this week?", "2026-02-08..2026-02-14"),
    ("Who met in the past week?", "2026-02-04..2026-02-10"),
    ("Who met in the last 7 days?", "2026-02-04..2026-02-10"),
    ("Who met over the last three months?", "2025-11-11..2026-02-10"),
    ("Who met in the last 24 hours?", "2026-02-09..2026-02-10"),
    ("Who resigned last month?", "2026-01-01..2026-01-31"),
    ("Who resigned three days ago?", "2026-02-07"),
    ("Who resigned two weeks ago?", "2026-01-25..2026-01-31"),
    ("Who resigned a year ago?", "2025-01-01..2025-12-31"),
    ("Who came in May?", "2025-05-01..2025-05-31"),
    ("Who came in February 2018?", "2018-02-01..2018-02-28"),
    ("Who came in February last year?", "2025-02-01..2025-02-28"),
    ("Who came last February?", "2025-02-01..2025-02-28"),
    ("What has changed since 2018?", "2018-01-01.."),
    ("What has changed since January?", "2026-01-01.."),
    ("What has changed since Tuesday?", "2026-02-10.."),
    ("What has changed since 4 February 2026?", "2026-02-04.."),
    ("What has changed since last week?", "2026-02-01.."),
    ("Who led it before 2015?", "..2014-12-31"),
    ("Who led it after March 2017?", "2017-04-01.."),
    ("Who led it before the end of January?", "..2026-01-31"),
    ("Who led it after the start of 2017?", "2017-01-01.."),
    ("Who led it between 2015 and 2017?", "2015-01-01..2017-12-31"),
    ("Who led it from March to May 2017?", "2017-03-01..2017-05-31"),
    ("Who led it between 4 and 10 February 2025?", "2025-02-04..2025-02-10"),
    ("Who led it in 2017?", "2017-01-01..2017-12-31"),
    ("elections in 2014", "2014-01-01..2014-12-31"),
    ("What happened in 2015, 2016 and 2017?", "2015-01-01..2017-12-31"),
    ("Who spoke on 4 February 2026?", "2026-02-04"),
    ("Who spoke on the 4th of February 2026?", "2026-02-04"),
    ("Who spoke February 4, 2026?", "2026-02-04"),
    ("Who spoke on 2026-02-04?", "2026-02-04"),
    ("Who spoke on 04/02/2026?", "2026-02-04"),
    ("Who spoke on 2026/02/04?", "2026-02-04"),
    ("Who spoke last Thursday evening?", "2026-02-05"),
    ("How much since the start of the year?", "2026-01-01.."),
    ("Who spoke on Monday?", "2026-02-09"),
    ("Who spoke last Tuesday?", "2026-02-03"),
    ("What did he say in 2025 about next year?", "2025-01-01..2025-12-31"),
]
FRENCH = [
    ("Que s'est-il passé aujourd’hui ?", "2026-02-10"),
    ("Qui est arrivé ce matin ?", "2026-02-10"),
    ("Qui est arrivé hier soir ?", "2026-02-09"),
    ("Qui est arrivé avant-hier ?", "2026-02-08"),
    ("Qui a rencontré Salem la semaine dernière ?", "2026-02-01..2026-02-07"),
    ("Qui a rencontré Salem cette semaine ?", "2026-02-08..2026-02-14"),
    ("Qui a démissionné le mois dernier ?", "2026-01-01..2026-01-31"),
    ("Qui a démissionné l’année dernière ?", "2025-01-01..2025-12-31"),
    ("Qui a démissionné l'an dernier ?", "2025-01-01..2025-12-31"),
    ("Qui est venu ces 10 derniers jours ?", "2026-02-01..2026-02-10"),
    ("Qui est venu au cours des trois dernières semaines ?", "2026-01-21..2026-02-10"),
    ("Qui est venu il y a deux jours ?", "2026-02-08"),
    ("Qui est venu il y a une semaine ?", "2026-02-01..2026-02-07"),
    ("Qui est venu en février ?", "2026-02-01..2026-02-28"),
    ("Qui est venu en mars 2018 ?", "2018-03-01..2018-03-31"),
    ("Qui est venu en août dernier ?", "2025-08-01..2025-08-31"),
    ("Qui est venu au mois de mars 2018 ?", "2018-03-01..2018-03-31"),
    ("Qu'est-ce qui a changé depuis mardi ?", "2026-02-10.."),
    ("Qu'est-ce qui a changé depuis 2019 ?", "2019-01-01.."),
    ("Qu'est-ce qui a changé depuis trois jours ?", "2026-02-07.."),
    ("Qui dirigeait avant 2015 ?", "..2014-12-31"),
    ("Qui dirigeait après mars 2017 ?", "2017-04-01.."),
    ("Qui dirigeait jusqu'en juin 2016 ?", "..2016-06-30"),
    ("Qui dirigeait entre 2015 et 2017 ?", "2015-01-01..2017-12-31"),
    ("Qui dirigeait de mars à mai 2017 ?", "2017-03-01..2017-05-31"),
    ("Combien depuis le début de l'année ?", "2026-01-01.."),
    ("Qui a parlé ce lundi 9 février ?", "2026-02-09"),
    ("Que s'est-il passé en 2017 ?", "2017-01-01..2017-12-31"),
    ("Qui a parlé le 4 février 2026 ?", "2026-02-04"),
    ("Qui a parlé le 1er février 2026 ?", "2026-02-01"),
    ("Qui a parlé mardi dernier ?", "2026-02-03"),
    ("Quelles sont les nouvelles d'hier ?", "2026-02-09"),
]


@pytest.mark.parametrize(("question", "window"), ARABIC + ENGLISH + FRENCH)
def test_time_in_a_question_becomes_a_period(question: str, window: str) -> None:
    assert extract_time_window(question, TODAY).period == days(window)


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("who met in Benghazi last week?", "who met in Benghazi?"),
        ("Last week, who met in Benghazi?", "who met in Benghazi?"),
        ("Who met, last week?", "Who met?"),
        ("Who met on 4 February 2026 in Rome?", "Who met in Rome?"),
        ("What is today's news?", "What is news?"),
        ("من التقى في بنغازي الأسبوع الماضى؟", "من التقى في بنغازي؟"),
        ("ماذا حدث بَيْنَ عامي ٢٠١٥ و٢٠١٧ في «سبها»؟", "ماذا حدث في «سبها»؟"),
        ("ماذا حدث في الفترة من مارس إلى مايو 2017؟", "ماذا حدث؟"),
        ("أخبار الأسبوع الماضي", "أخبار"),
        ("Qui a rencontré Salem la semaine dernière ?", "Qui a rencontré Salem ?"),
        ("since 2015 who led it until 2017?", "who led it?"),
        ("Quelles sont les nouvelles d'hier ?", "Quelles sont les nouvelles ?"),
        ("last week?", "?"),
        ("الأسبوع الماضي", ""),
    ],
)
def test_remaining_text_is_the_question_without_its_time(question: str, rest: str) -> None:
    assert extract_time_window(question, TODAY).remaining_text == rest


@pytest.mark.parametrize(
    "question",
    [
        "latest news on Sirte",
        "What is the newest decision?",
        "most recent statement",
        "ما آخر الأخبار؟",
        "ما أحدث تصريح؟",
        "مستجدات سبها",
        "آخر المستجدات في سبها",
        "dernières nouvelles de Syrte",
        "le communiqué le plus récent",
    ],
)
def test_wish_for_the_newest_is_detected_and_stays_in_the_question(question: str) -> None:
    assert extract_time_window(question, TODAY)[:3] == (None, True, question)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("latest news on Sirte", "Sirte"),
        ("What's new about the port of Noran?", "port of Noran"),
        ("any news about Sirte last week", "Sirte"),
        ("ما آخر الأخبار عن سالم نوران؟", "سالم نوران"),
        ("آخر أخبار ميناء نوران", "ميناء نوران"),
        ("شن الجديد في سبها", "سبها"),
        ("مستجدات سبها", "سبها"),
        ("dernières nouvelles de Syrte", "Syrte"),
        ("Quoi de neuf au sujet du port ?", "port"),
        ("ما آخر الأخبار؟", None),
        ("latest news", None),
        ("most recent statement", None),
        ("Who resigned recently?", None),
        ("who has the latest phone", None),
    ],
)
def test_topic_is_what_the_latest_news_are_asked_of(question: str, topic: str | None) -> None:
    assert extract_time_window(question, TODAY).topic == topic


@pytest.mark.parametrize(
    ("question", "is_implied"),
    [
        ("ماذا حدث في مارس؟", True),
        ("What happened in March?", True),
        ("What happened on 4 February?", True),
        ("What happened in March 2018?", False),
        ("What happened since March?", False),
        ("What happened between March and May?", False),
        ("What happened last week?", False),
    ],
)
def test_year_is_implied_by_a_month_or_a_day_without_one(question: str, is_implied: bool) -> None:
    assert extract_time_window(question, TODAY).year_is_implied is is_implied


def test_previous_year_has_the_same_month_or_day() -> None:
    for found, before in (
        ("2025-02-01..2025-02-28", "2024-02-01..2024-02-29"),
        ("2026-02-04..2026-02-04", "2025-02-04..2025-02-04"),
        ("2024-02-29..2024-02-29", "2020-02-29..2020-02-29"),
    ):
        period = days(found)
        assert period
        assert previous_year(period) == days(before)


@pytest.mark.parametrize(
    "question",
    ["last week", "at the latest", "آخر انتخابات", "«آخر الأخبار»", "le dernier mot", "الأخبار"],
)
def test_other_questions_do_not_prefer_the_newest(question: str) -> None:
    assert not extract_time_window(question, TODAY).prefers_newest


def test_a_week_begins_on_sunday() -> None:
    sunday = date(2026, 2, 8)
    assert extract_time_window("this week", sunday).period == days("2026-02-08..2026-02-14")
    assert extract_time_window("this week", sunday - timedelta(days=1)).period == days(
        "2026-02-01..2026-02-07"
    )


def test_subtracting_months_clamps_to_the_last_day() -> None:
    assert extract_time_window("in the past month", date(2026, 3, 31)).period == days(
        "2026-03-01..2026-03-31"
    )
    assert extract_time_window("since 29 February", date(2026, 3, 1)).period == days("2024-02-29..")


PIECES = sorted(
    word_set(
        "last past the of in on since between from to and 2017 March may 4 february week days ago",
        "بين من إلى و في منذ قبل عام 2015 الأيام الثلاثة الماضية آخر أسبوعين يوم الأحد « » ال أمس",
        "depuis entre et il y a deux jours la semaine dernière le mars ' - / , . ? \"",
    )
)
DAYS = st.dates(date(2001, 1, 1), date(2100, 1, 1))


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
        st.lists(st.sampled_from(PIECES), max_size=200).map("".join),
    ),
    DAYS,
)
def test_no_question_raises(question: str, today: date) -> None:
    timed = extract_time_window(question, today)
    assert len(timed.remaining_text) <= len(question)
    if timed.period is None:
        assert timed.remaining_text == question
    else:
        since, until = timed.period
        assert since is None or since <= today
        assert since is None or until is None or since <= until
        assert since or until


@given(st.sampled_from(PIECES), st.sampled_from(PIECES), DAYS)
def test_long_hostile_question_is_read(one: str, two: str, today: date) -> None:
    extract_time_window((f"{one} {two} " * 1_000)[:1_000], today)
    extract_time_window((one * 1_000)[:1_000], today)


@given(
    st.lists(
        st.sampled_from(sorted(word_set("من هو رئيس ليبيا في who leads the bank of Sirte qui le")))
    )
)
def test_without_a_digit_or_a_word_of_time_there_is_no_window(asked: list[str]) -> None:
    assert extract_time_window(" ".join(asked), TODAY).period is None
