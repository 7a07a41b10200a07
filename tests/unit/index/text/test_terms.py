"""The words by which a passage is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.normalise import fold
from index.text.spans import Span
from index.text.terms import MAX_WORD_LENGTH, content_words, passage_tokens, stem, stem_variants

ARABIC_WORDS = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=3, max_size=10)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("أعلنت إدارة ميناء الرمال", ["اعلنت", "اداره", "ميناء", "الرمال"]),
        ("ﺍﻟﻤﻴﻨﺎﺀ", ["الميناء"]),
        ("المِينَاءُ المـــيناء", ["الميناء", "الميناء"]),
        ("٢٠٢٦ في ۷", ["2026", "7"]),
        ("متى يعود الميناء إلى العمل؟", ["يعود", "الميناء", "العمل"]),
        ("Who opened the new school?", ["opened", "new", "school"]),
        ("Qu'est-ce que l’élection d'Alger ?", ["election", "alger"]),
        ("Noran's port re-opened", ["noran", "port", "re", "opened"]),
        ("snake_case C-130", ["snake", "case", "130"]),
        ("——— 。 ⸺ ـــ", []),
    ],
)
def test_words_are_folded_and_say_something_by_themselves(text: str, found: list[str]) -> None:
    assert content_words(text) == found


@given(st.text())
def test_words_are_words_and_never_too_long(text: str) -> None:
    found = content_words(text)
    assert all(0 < len(word) <= MAX_WORD_LENGTH and word.isalnum() for word in found)
    assert content_words(fold(text)) == found


@pytest.mark.usefixtures("must_end")
def test_a_text_without_a_space_is_one_short_word() -> None:
    assert content_words("ب" * 100_000) == ["ب" * MAX_WORD_LENGTH]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("بالميناء", "الميناء"),
        ("والميناء", "ميناء"),
        ("للميناء", "الميناء"),
        ("لباريس", "باريس"),
        ("باريس", "لباريس"),
        ("بمصر", "مصر"),
        ("مصر", "بمصر"),
        ("لليبيا", "ليبيا"),
        ("وليبيا", "ليبيا"),
        ("البرلمان", "برلمان"),
        ("وزيرها", "وزير"),
        ("مهندسون", "مهندسين"),
        ("ports", "port"),
        ("elections", "election"),
        ("opening", "opened"),
    ],
)
def test_a_word_is_found_in_another_form(written: str, asked: str) -> None:
    assert stem(fold(written)) in stem_variants(fold(asked))


@pytest.mark.parametrize(
    ("one", "other"), [("ميناء", "مدرسه"), ("port", "rain"), ("2025", "2026"), ("ليبيا", "لبنان")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert not {stem(one), *stem_variants(one)} & {stem(other), *stem_variants(other)}


@pytest.mark.parametrize("word", ["2026", "g20", "19ها", "ال2026"])
def test_what_has_a_digit_is_its_own_stem(word: str) -> None:
    assert stem_variants(word) == (stem(word),) == (word,)


@given(ARABIC_WORDS, st.sampled_from("وفبلك"))
def test_a_letter_written_before_a_word_does_not_hide_it(word: str, letter: str) -> None:
    assert stem(letter + word) in stem_variants(word)
    assert stem(word) in stem_variants(letter + word)


@given(ARABIC_WORDS)
def test_a_word_has_few_variants_its_own_stem_first(word: str) -> None:
    assert stem_variants(word)[0] == stem(word)
    assert len(stem_variants(word)) <= 7


def test_two_threads_that_stem_at_once_do_not_mix_their_words() -> None:
    words = [f"{letter * 3}{ending}" for letter in "abcdefghij" for ending in ("ingly", "nesses")]
    alone = [stem.__wrapped__(word) for word in words]
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda _: [stem.__wrapped__(word) for word in words], range(200)):
            assert found == alone


def test_the_words_said_before_a_passage_are_those_of_its_context_but_for_the_lead() -> None:
    text = "Rain fell. Bridges closed."
    lead, second = [Span(0, 10)], [Span(11, 26)]
    untitled = passage_tokens(text, "Rain fell.", [lead, second], 0)
    assert [each.context for each in untitled] == [[], ["rain", "fell"]]
    assert [each.sentences for each in untitled] == [[["rain", "fell"]], [["bridges", "closed"]]]
    titled = passage_tokens(text, "Storm", [lead, second], None)
    assert [each.context for each in titled] == [["storm"], ["storm"]]
