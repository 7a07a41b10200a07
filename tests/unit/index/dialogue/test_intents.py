"""The lexicon tells small talk from questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dialogue.intents import (
    Intent,
    detect_intent,
    extract_intent_features,
    lexicon_phrases,
    strip_small_talk,
)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("السلام عليكم ورحمة الله وبركاته", Intent.GREETING),
        ("Hellooooo bot!", Intent.GREETING),
        ("شكراااا جزيلا يا صديقي", Intent.THANKS),
        ("Merci beaucoup !", Intent.THANKS),
        ("ok thanks", Intent.THANKS),
        ("شن تقدر تدير؟", Intent.HELP),
        ("T'es un robot ?", Intent.IDENTITY),
        ("ما الجديد اليوم؟", Intent.LATEST),
        ("آخر أخبار ليبيا", Intent.LATEST),
        ("👍👍", Intent.SMALLTALK),
        ("باهي", Intent.SMALLTALK),
        ("ربي يخليك يا خوي", Intent.THANKS),
        ("mar7ba khouya", Intent.GREETING),
        ("thanks to whom was the harbour opened?", Intent.QUESTION),
        ("شكرا لمن على فتح الميناء؟", Intent.QUESTION),
        ("من التقى في نوران؟", Intent.QUESTION),
        ("hello, who met in Noran?", Intent.QUESTION),
        ("آخر أخبار نوران", Intent.QUESTION),
        ("سلام نوران", Intent.QUESTION),
        ("help for Noran", Intent.QUESTION),
        ("ok " * 20, Intent.QUESTION),
    ],
)
def test_a_message_is_small_talk_if_the_lexicon_has_all_its_words(
    message: str, intent: Intent
) -> None:
    assert detect_intent(message) is intent


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Hello, who met in Noran?", "who met in Noran?"),
        ("شكرا، ومتى الانتخابات؟", "ومتى الانتخابات؟"),
        ("سلام نوران", "سلام نوران"),
        ("Hello", "Hello"),
        ("who met in Noran?", "who met in Noran?"),
    ],
)
def test_a_greeting_before_a_question_is_left_out_of_it(message: str, question: str) -> None:
    assert strip_small_talk(message) == question


@given(st.text())
def test_any_message_has_an_intent_and_features_between_0_and_1(message: str) -> None:
    assert detect_intent(message) in Intent
    assert all(0 <= value <= 1 for value in extract_intent_features(message))


def test_a_phrase_of_the_lexicon_is_known_and_would_be_less_known_without_itself() -> None:
    known = extract_intent_features("good morning")
    assert (known.unknown_share, known.greeting) == (0, 1)
    assert extract_intent_features("good morning", is_in_lexicon=True).phrase_share < 1.01
    assert all(detect_intent(phrase) is not Intent.QUESTION for phrase, _ in lexicon_phrases())
