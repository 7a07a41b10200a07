"""Validate and clean questions."""

from __future__ import annotations

import re
from enum import StrEnum

from index.errors import InvalidInputError
from index.text.normalise import fold
from index.text.spans import word_set
from index.text.terms import content_words

MAX_QUESTION_LENGTH = 1_000
"""Maximum length of a question in characters: some ten times the longest that people ask."""

MAX_QUESTIONS = 4
"""A message with more questions is asked as one."""
_MIN_QUESTION_WORDS = 2
"""The content words that a part of a message needs to be a question by itself."""
_QUESTION_END = re.compile(r"(?<=[?؟])\s+|\n+")
_CONTINUATION = re.compile(r"(?:and|or|et|ou|then|puis)\b", re.IGNORECASE)
"""How a part begins that goes on from the one before it; «و» alone may begin any word."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Zero-width spaces, directional marks and overrides, and lone surrogates."""

_NEWS_WORDS = word_set(
    "news latest newest recent happened happening happen new today update updates headlines libya",
    "nouvelles nouvelle dernieres derniere recentes actualites actualite passe passait libye",
    "اخبار الاخبار خبر اخر احدث جديد الجديد حدث يحدث مستجدات المستجدات جري يجري وقع ليبيا",
)
"""Words of a question that asks only for the news, folded."""

_DAY_REFERENCE = re.compile(
    r"\b(?:(?:هذا|ذلك) (?:ال)?يوم|(?:this|that) (?:day|night)|ce jour|ce soir la|cette nuit la)\b"
)
"""A day that something else has named: "what happened on that day?"."""


class QuestionError(StrEnum):
    """The reason why a question is invalid."""

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
    """The question is invalid.

    `reason` says why, so that an interface can show it in any language; `length` is the length of
    a question that is too long.
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
    """Return `raw` without control characters, directional marks and redundant white space.

    Raises `InvalidQuestion` if it is empty, too long, has no words, or has only one letter or
    digit.
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
    """Return whether a question, without the time it names, asks only for the news."""
    return all(word in _NEWS_WORDS for word in content_words(question_text))


def refers_to_day(question: str) -> bool:
    """Return whether a question asks about a day that something else has named."""
    return bool(_DAY_REFERENCE.search(fold(question)))


def split_questions(text: str) -> list[str]:
    """Return the questions of a message, at most `MAX_QUESTIONS`; the whole text if it is one.

    Questions end with a question mark or a line. A part that says too little to be asked alone
    ("And where?") leaves the text whole, because it needs what stands before it.
    """
    parts = [part.strip() for part in _QUESTION_END.split(text) if part.strip()]
    if not 2 <= len(parts) <= MAX_QUESTIONS or "?" not in text.replace("؟", "?"):
        return [text]
    has_enough = all(len(content_words(part)) >= _MIN_QUESTION_WORDS for part in parts)
    return parts if has_enough and not any(map(_CONTINUATION.match, parts)) else [text]
