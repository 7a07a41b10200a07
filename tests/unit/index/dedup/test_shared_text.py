"""A text under several titles: copies of an article, or a site's boilerplate."""

from __future__ import annotations

import pytest

from index.dedup.shared_text import are_different_articles, is_boilerplate
from index.models import Draft
from index.text.number_words import words_and_numbers
from tests.fixtures.sample_articles import draft

WALL = (
    "هذا المقال للمشتركين في صحيفة نوران. لمتابعة القراءة اختر اشتراكا شهريا بسبعة دنانير أو سنويا بسبعين، "
    "ويمكنك إنهاؤه متى شئت. وإن كنت مشتركا فسجل دخولك من هنا."
)
NEWS = (
    "افتتح سالم الدرويش رئيس بلدية نوران الجسر الجديد على وادي الزيتون، وقال إن الحافلات ستعبره ابتداء من "
    "الأسبوع المقبل، وطالب سكان الحي الغربي بإنارة الطريق المؤدي إليه."
)


def at(day: int | None, title: str | None, path: str | None) -> Draft:
    fields = {"title": title, "published": day and f"2026-02-0{day}"}
    return draft("any", "Any.", url=path and f"https://noran.example/{path}", **fields)


BRIDGE = at(1, "الدرويش يفتتح جسر وادي الزيتون", "1")
MARKET = at(3, "حريق يلتهم سوق المدينة القديم", "2")
BUSES = at(3, "الحافلات تعبر الجسر الأسبوع المقبل", "2")


@pytest.mark.parametrize(
    ("one", "other", "text", "different", "boilerplate"),
    [
        (BRIDGE, MARKET, WALL, True, True),
        (BRIDGE, at(1, MARKET.title, "2"), WALL, True, True),
        (BRIDGE, at(None, MARKET.title, "2"), WALL, True, True),
        (BRIDGE, BUSES, NEWS, True, False),
        (BRIDGE, at(1, BUSES.title, "2"), NEWS, False, False),
        (BRIDGE, at(3, BRIDGE.title, "2"), WALL, False, False),
        (BRIDGE, at(3, MARKET.title, "1?utm_source=x"), WALL, False, False),
        (BRIDGE, at(3, None, "2"), WALL, False, False),
        (BRIDGE, at(3, MARKET.title, None), WALL, False, False),
        (BRIDGE, at(1, f"{BRIDGE.title}: صور", "2"), WALL, False, False),
    ],
    ids=[
        "other title, address and day",
        "the same day",
        "no day",
        "two headlines of the text on two days",
        "two headlines of the text on one day",
        "the same title",
        "the same address",
        "no title",
        "no address",
        "a longer title on one day",
    ],
)
def test_a_text_under_other_titles_is_a_copy_only_if_it_may_be_the_article_of_both(
    one: Draft, other: Draft, text: str, different: bool, boilerplate: bool
) -> None:
    words = words_and_numbers(text)
    for pair in ((one, other), (other, one)):
        assert are_different_articles(*pair, words) is different
        assert is_boilerplate(*pair, words) is boilerplate
