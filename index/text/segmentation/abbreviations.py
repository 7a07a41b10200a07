"""Recognise points of abbreviations and list numbers, which end no sentence."""

from __future__ import annotations

import re

from index.text.spans import word_set
from index.text.temporal_lexicon import MONTHS

_ABBREVIATIONS = word_set("vs etc inc ltd co corp approx dept cf env av bd ق.م ب.م ت.ع")
_ABBREVIATIONS_BEFORE_NAME = word_set(
    "Mr Mrs Ms Dr Prof St Sr Jr Gen Col Lt Capt Maj Sgt Rep Sen Gov Hon Rev Amb Pres "
    "Mme Mlle Mgr Me MM Pr Cdt"
)
_ABBREVIATIONS_BEFORE_NUMBER = word_set(
    "no nos vol fig art ch sect est p pp pg mon tue tues wed thu thur thurs fri sat sun"
) | frozenset(name for month in MONTHS for name in month.abbreviated.split("|") if name)
_ARABIC_TITLES = word_set("د أ م ل ش ع")
"""Doctor, professor, engineer, …: «د. سالم»; also after a prefix «and» or «to»: «ود. سالم»."""
_LETTER_NAMES = word_set(
    "إيه ايه أيه بي سي دي إي اي إف اف جي إتش اتش آي أي جيه كيه إل إم ام إن ان أو او كيو آر ار إس "
    "اس تي يو في دبليو إكس اكس واي زد زي"
)
"""Names of Latin letters in Arabic: «قناة إن.بي.سي» (NBC)."""
_CONTEXT_LENGTH = 40
_LAST_WORD = re.compile(r"[^\s«»“”\"'’()\[\]]+\Z")
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_YEAR_WITH_ERA = re.compile(r"\d\s*(?:م|ه|هـ|ق\.م|ب\.م)\Z")
"""«عام 2011 م.»: the letter belongs to the year, and the point may end the sentence."""
_WORD_SEPARATORS = re.compile(r"[.\-‑]")


def is_abbreviation(text: str, sentence_start: int, stop_index: int, next_char: str) -> bool:
    """Say whether the point at `text[stop_index]` ends an abbreviation or a list number.

    The sentence begins at `sentence_start`; `next_char` is the next character that is not white
    space.
    """
    before = text[max(sentence_start, stop_index - _CONTEXT_LENGTH) : stop_index]
    match = _LAST_WORD.search(before)
    if not match:
        return False
    word = match.group()
    if word.isdigit():
        return len(word) <= 2 and stop_index - sentence_start == len(word)  # "1." opens a list item
    if _YEAR_WITH_ERA.search(before):
        return False
    last_part = _WORD_SEPARATORS.split(word)[-1]
    return (
        (len(last_part) == 1 and last_part.isalpha())
        or word in _ABBREVIATIONS_BEFORE_NAME
        or word.casefold() in _ABBREVIATIONS
        or (word.casefold() in _ABBREVIATIONS_BEFORE_NUMBER and next_char.isdigit())
        or (len(last_part) == 2 and last_part[0] in "ول" and last_part[1] in _ARABIC_TITLES)
    )


def is_spelled_acronym(text: str, sentence_start: int, stop_index: int, next_start: int) -> bool:
    """Say whether the point at `text[stop_index]` separates two letter names («إن.بي.سي»).

    `next_start` is the offset of the next character that is not white space.
    """
    word_after = _NEXT_WORD.match(text, next_start, next_start + _CONTEXT_LENGTH)
    if word_after is None or word_after.group() not in _LETTER_NAMES:
        return False
    word_before = _LAST_WORD.search(
        text[max(sentence_start, stop_index - _CONTEXT_LENGTH) : stop_index]
    )
    return word_before is not None and (
        _WORD_SEPARATORS.split(word_before.group())[-1].removeprefix("ال") in _LETTER_NAMES
    )
