from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.number_words import is_number_token, same_numbers, words_and_numbers


@pytest.mark.parametrize(
    ("words", "token"),
    [
        ("3 ٣ ۳ 03 ثلاثة ثلاث والثلاثة الثالث للثالثة three trois", "#3"),
        ("الأحد الاحد بالأحد Sunday dimanche", "#day7"),
        ("يناير كانون الثاني جانفي January", "#month1"),
        ("مئة مائة بالمئة بالمائة مئات hundred", "#100"),
        ("ألف ألفا آلاف والألف thousand mille", "#1000"),
    ],
)
def test_number_has_one_token_in_every_notation(words: str, token: str) -> None:
    assert set(words_and_numbers(words)) == {token}


def test_months_with_the_same_first_word_have_different_tokens() -> None:
    assert words_and_numbers("كانون الأول، وكانون الثاني، تشرين الثاني") == [
        "#month12",
        "#month1",
        "#month11",
    ]


@pytest.mark.parametrize("word", ["لست", "ناصر", "الماء", "أحد", "ثلاثي", "ستعلن"])
def test_words_that_resemble_numbers_have_no_token(word: str) -> None:
    assert not any(map(is_number_token, words_and_numbers(word)))


def test_attached_digits_and_letters_are_two_words() -> None:
    assert words_and_numbers("بـ12 و3,500 إف-16 10.5%") == [
        "ب",
        "#12",
        "و",
        "#3",
        "#500",
        "اف",
        "#16",
        "#10",
        "#5",
    ]


def test_hamza_spellings_are_the_same_word() -> None:
    assert words_and_numbers("مسؤول شؤون قرأ") == words_and_numbers("مسوول شوون قرا")
    assert words_and_numbers("رئيس") == words_and_numbers("رييس")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12 قتيلا", "15 قتيلا", False),
        ("12 قتيلا", "عدد من القتلى", True),
        ("12 قتيلا و3 جرحى", "12 قتيلا", True),
        ("12 قتيلا و3 جرحى", "3 قتلى و12 جريحا", False),
        ("1,200", "1200", True),
        ("الأحد 3 مارس", "الأحد 3 أبريل", False),
    ],
)
def test_numbers_agree_unless_one_is_replaced(one: str, other: str, same: bool) -> None:
    assert same_numbers(words_and_numbers(one), words_and_numbers(other)) is same
    assert same_numbers(words_and_numbers(other), words_and_numbers(one)) is same


@given(st.text(max_size=200))
def test_any_text_agrees_with_itself(text: str) -> None:
    words = words_and_numbers(text)
    assert all(words)
    assert same_numbers(words, words)
