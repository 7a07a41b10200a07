"""The dictionary knows words of three languages and how they are usually spelled."""

from __future__ import annotations

import pytest

from index.text.dictionary import is_dictionary_word, usual_spelling


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((word, True) for word in ("المدينه", "وبالمدرسه", "مدارسهم", "harbor", "rencontre")),
        *((word, False) for word in ("خشاقجي", "المديننه", "harbuor", "zzzz")),
    ],
)
def test_a_word_is_known_in_any_form_and_a_misspelled_one_is_not(word: str, expected: bool) -> None:
    assert is_dictionary_word(word) is expected


@pytest.mark.parametrize(
    ("word", "usual"),
    [
        ("المدرسه", "المدرسة"),
        ("إحمد", "أحمد"),
        ("أحمد", "أحمد"),
        ("علي", "علي"),
        ("على", "على"),
        ("نوران", "نوران"),
    ],
)
def test_a_rare_spelling_gives_way_to_the_usual_one(word: str, usual: str) -> None:
    assert usual_spelling(word) == usual
