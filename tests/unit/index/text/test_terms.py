"""The words by which a passage is terms."""

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
    ("text", "terms"),
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
def test_content_words_are_folded_and_without_stop_words(text: str, terms: list[str]) -> None:
    assert content_words(text) == terms


@given(st.text())
def test_content_words_are_alphanumeric_and_bounded(text: str) -> None:
    terms = content_words(text)
    assert all(0 < len(word) <= MAX_WORD_LENGTH and word.isalnum() for word in terms)
    assert content_words(fold(text)) == terms


@pytest.mark.usefixtures("must_end")
def test_text_without_a_space_is_one_truncated_word() -> None:
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
def test_forms_of_a_word_share_a_stem(written: str, asked: str) -> None:
    assert stem(fold(written)) in stem_variants(fold(asked))


@pytest.mark.parametrize(
    ("one", "other"), [("ميناء", "مدرسه"), ("port", "rain"), ("2025", "2026"), ("ليبيا", "لبنان")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert not {stem(one), *stem_variants(one)} & {stem(other), *stem_variants(other)}


@pytest.mark.parametrize("word", ["2026", "g20", "19ها", "ال2026"])
def test_word_with_a_digit_is_its_own_stem(word: str) -> None:
    assert stem_variants(word) == (stem(word),) == (word,)


@given(ARABIC_WORDS, st.sampled_from("وفبلك"))
def test_prefix_letter_does_not_hide_a_word(word: str, letter: str) -> None:
    assert stem(letter + word) in stem_variants(word)
    assert stem(word) in stem_variants(letter + word)


@given(ARABIC_WORDS)
def test_stem_variants_are_few_and_start_with_the_own_stem(word: str) -> None:
    assert stem_variants(word)[0] == stem(word)
    assert len(stem_variants(word)) <= 7


def test_stemming_is_thread_safe() -> None:
    words = [f"{letter * 3}{ending}" for letter in "abcdefghij" for ending in ("ingly", "nesses")]
    alone = [stem.__wrapped__(word) for word in words]
    with ThreadPoolExecutor(4) as threads:
        for terms in threads.map(lambda _: [stem.__wrapped__(word) for word in words], range(200)):
            assert terms == alone


def test_context_terms_belong_to_every_passage_except_the_lead() -> None:
    text = "Rain fell. Bridges closed."
    lead, second = [Span(0, 10)], [Span(11, 26)]
    untitled = passage_tokens(text, "Rain fell.", [lead, second], 0)
    assert [passage.context for passage in untitled] == [[], ["rain", "fell"]]
    assert [passage.sentences for passage in untitled] == [
        [["rain", "fell"]],
        [["bridges", "closed"]],
    ]
    titled = passage_tokens(text, "Storm", [lead, second], None)
    assert [passage.context for passage in titled] == [["storm"], ["storm"]]
