"""Which questions the archive takes, and what is wrong with the others."""

from __future__ import annotations

import re
from enum import StrEnum

from index.errors import InvalidInputError
from index.text.spans import word_set
from index.text.terms import content_words

MAX_QUESTION_LENGTH = 1_000
"""The most characters of a question: some ten times the longest that people ask."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Zero-width spaces, marks and overrides of direction, and halves of characters."""


_NEWS_WORDS = word_set(
    "news latest newest recent happened happening happen new today update updates headlines libya",
    "nouvelles nouvelle dernieres derniere recentes actualites actualite passe passait libye",
    "اخبار الاخبار خبر اخر احدث جديد الجديد حدث يحدث مستجدات المستجدات جري يجري وقع ليبيا",
)
"""Words of a question that asks for nothing but the news, folded."""


class QuestionError(StrEnum):
    """What is wrong with a question."""

    EMPTY = "empty"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    NO_WORDS = "no words"


_MESSAGES = {
    QuestionError.EMPTY: (
        "the question is empty",
        'Ask in a few words, such as "who met in Paris?"',
    ),
    QuestionError.TOO_SHORT: (
        "one character is too little to search for",
        'Ask in a few words, such as "who met in Paris?"',
    ),
    QuestionError.NO_WORDS: (
        "the question has no words in it, only signs",
        "Ask in words, in Arabic, English or French",
    ),
}


class InvalidQuestion(InvalidInputError):
    """A question that cannot be asked.

    `reason` says why, so that it can be told in any language.
    """

    def __init__(self, reason: QuestionError, length: int = 0) -> None:
        self.reason = reason
        self.length = length
        message, remedy = _MESSAGES.get(reason) or (
            f"the question has {length:,} characters, and {MAX_QUESTION_LENGTH:,} is the most",
            "Ask the one thing you want to know, in a sentence or two",
        )
        super().__init__(message, remedy)


def clean_question(raw: str) -> str:
    """Return the question in `raw`, without control characters and doubled white space.

    Marks that only turn the direction of writing go too. Raises `InvalidQuestion` where it is
    empty, a single character (signs and marks aside), too long or has no words.
    """
    if not raw.strip():
        raise InvalidQuestion(QuestionError.EMPTY)
    question = " ".join(_INVISIBLE.sub("", _CONTROL.sub(" ", raw)).split())
    if len(question) > MAX_QUESTION_LENGTH:
        raise InvalidQuestion(QuestionError.TOO_LONG, len(question))
    letter_count = sum(map(str.isalnum, question))
    if letter_count == 0:
        raise InvalidQuestion(QuestionError.NO_WORDS)
    if letter_count == 1:
        raise InvalidQuestion(QuestionError.TOO_SHORT)
    return question


def asks_only_for_news(question_text: str) -> bool:
    """Say whether a question, without the time it names, asks for the news and nothing in it."""
    return all(word in _NEWS_WORDS for word in content_words(question_text))
