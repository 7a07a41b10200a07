"""What a question asks for, and whether a text holds such a thing (pure functions).

Only numbers and times can be told from any other words of a text by a lexicon: a person's or a
place's name cannot.
"""

from __future__ import annotations

import re
from enum import StrEnum

from index.text.normalise import fold
from index.text.number_words import NUMBER_TOKEN_PREFIX, words_and_numbers


class QuestionType(StrEnum):
    """What a question asks for."""

    NUMBER = "number"
    TIME = "time"
    OTHER = "other"


_NUMBER_WORDS = re.compile(
    r"\b(?:how (?:many|much|old|long|far|often)|what (?:number|percentage|share)|number of"
    r"|combien|quel age|quel nombre|nombre de"
    r"|[وف]?كم|[وب]?قداش|شحال|قديش|عدد)\b"
)
_TIME_WORDS = re.compile(
    r"\b(?:when|what (?:day|date|year|month|time)|which (?:day|date|year|month)"
    r"|quand|quelle? (?:jour|date|annee|mois|heure)"
    r"|[وف]?متي|[وا]?متا|امتي|وقتاش|[وف]?ايمتا|اي (?:يوم|تاريخ|عام|سنه|شهر))\b"
)
_CLOCK_OR_YEAR = re.compile(r"\b(?:\d{1,2}:\d\d|(?:19|20)\d\d)\b")
_RELATIVE_DAYS = re.compile(
    r"\b(?:today|yesterday|tomorrow|aujourd.hui|hier|demain|[وب]?ال[يب]وم|اليوم|امس|البارحه|غدا)\b"
)


def detect_question_type(question: str) -> QuestionType:
    """Return what a question in Arabic, English or French asks for."""
    folded = fold(question)
    if _TIME_WORDS.search(folded):
        return QuestionType.TIME
    return QuestionType.NUMBER if _NUMBER_WORDS.search(folded) else QuestionType.OTHER


def holds_requested(question_type: QuestionType, text: str) -> bool:
    """Return whether a text holds a number or a time, if the question asks for one."""
    if question_type is QuestionType.OTHER:
        return True
    tokens = [
        word.removeprefix(NUMBER_TOKEN_PREFIX)
        for word in words_and_numbers(text)
        if word.startswith(NUMBER_TOKEN_PREFIX)
    ]
    if question_type is QuestionType.NUMBER:
        return any(not token.startswith(("day", "month")) for token in tokens)
    folded = fold(text)
    return any(token.startswith(("day", "month")) for token in tokens) or bool(
        _CLOCK_OR_YEAR.search(folded) or _RELATIVE_DAYS.search(folded)
    )
