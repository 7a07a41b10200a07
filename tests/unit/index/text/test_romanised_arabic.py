"""Arabic in Latin letters is compared with Arabic words letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.romanised_arabic import (
    alignment_cost,
    has_digit_letter,
    romanised_keys,
    transliterate,
)

LATIN = st.text("abcdefghijklmnopqrstuvwxyz23456789", max_size=30)
ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويءؤئ", max_size=30)


@pytest.mark.parametrize(
    ("latin", "arabic", "other"),
    [
        ("7abib", "حبيب", "حديد"),
        ("mina2", "ميناء", "مينا"),
        ("khalid", "خالد", "حامد"),
        ("5alid", "خالد", "والد"),
        ("iltaqa", "التقي", "انتقل"),
        ("madrasa", "المدرسه", "الدراسه"),
        ("sh3ban", "شعبان", "شبان"),
        ("mohammed", "محمد", "محمود"),
        ("bariz", "باريس", "برز"),
    ],
)
def test_the_word_that_was_meant_costs_less_than_another(
    latin: str, arabic: str, other: str
) -> None:
    assert alignment_cost(latin, arabic) < alignment_cost(latin, other)


@given(LATIN, ARABIC)
def test_any_two_words_have_a_finite_cost(latin: str, arabic: str) -> None:
    assert 0 <= alignment_cost(latin, arabic) < 100
    assert all(key.isascii() for key in romanised_keys(latin))


@pytest.mark.parametrize(
    ("latin", "arabic"), [("7abib", "حبب"), ("umar", "امر"), ("khlid", "خلد"), ("", "")]
)
def test_a_word_is_written_in_arabic_letters_without_short_vowels(latin: str, arabic: str) -> None:
    assert transliterate(latin) == arabic


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((word, True) for word in ("7abib", "sa7ifa", "3omar", "mina2i", "tari5")),
        *((word, False) for word in ("g20", "mi6", "covid19", "3rd", "f16", "2018", "habib")),
    ],
)
def test_a_digit_inside_letters_stands_for_a_letter(word: str, expected: bool) -> None:
    assert has_digit_letter(word) is expected
