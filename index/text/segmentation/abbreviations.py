"""Points that shorten a word or number a list, and so end no sentence."""

from __future__ import annotations

import re

from index.text.spans import words

_ANYWHERE = words("vs etc inc ltd co corp approx dept cf env av bd ق.م ب.م ت.ع")
_BEFORE_A_NAME = words(
    "Mr Mrs Ms Dr Prof St Sr Jr Gen Col Lt Capt Maj Sgt Rep Sen Gov Hon Rev Amb Pres "
    "Mme Mlle Mgr Me MM Pr Cdt"
)
_BEFORE_A_NUMBER = words(
    "no nos vol fig art ch sect est p pp pg jan feb mar apr jun jul aug sep sept oct nov dec "
    "janv févr avr juil déc mon tue tues wed thu thur thurs fri sat sun"
)
_ARABIC_TITLES = words("د أ م ل ش ع")
"""Doctor, professor, engineer, …: «د. سالم», and with «and» or «to» before them: «ود. سالم»."""
_LETTER_NAMES = words(
    "إيه ايه أيه بي سي دي إي اي إف اف جي إتش اتش آي أي جيه كيه إل إم ام إن ان أو او كيو آر ار إس "
    "اس تي يو في دبليو إكس اكس واي زد زي"
)
"""Latin letters as Arabic spells them out: «قناة إن.بي.سي»."""
_WINDOW = 40
_LAST_WORD = re.compile(r"[^\s«»“”\"'’()\[\]]+\Z")
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_ERA = re.compile(r"\d\s*(?:م|ه|هـ|ق\.م|ب\.م)\Z")
"""«عام 2011 م.»: the letter belongs to the year, and the point may end the sentence."""
_JOINTS = re.compile(r"[.\-‑]")


def is_abbreviation(text: str, start: int, point: int, following: str) -> bool:
    """Say whether the point at `text[point]`, in a sentence from `start`, only shortens a word.

    `following` is the next character that is not white space.
    """
    before = text[max(start, point - _WINDOW) : point]
    found = _LAST_WORD.search(before)
    if not found:
        return False
    word = found.group()
    if word.isdigit():
        return len(word) <= 2 and point - start == len(word)  # "1." opens a list item
    if _ERA.search(before):
        return False
    last = _JOINTS.split(word)[-1]
    return (
        (len(last) == 1 and last.isalpha())
        or word in _BEFORE_A_NAME
        or word.casefold() in _ANYWHERE
        or (word.casefold() in _BEFORE_A_NUMBER and following.isdigit())
        or (len(last) == 2 and last[0] in "ول" and last[1] in _ARABIC_TITLES)
    )


def spells_letters(text: str, start: int, point: int, resume: int) -> bool:
    """Say whether the point stands between two letters that are spelled out («إن.بي.سي»)."""
    after = _NEXT_WORD.match(text, resume, resume + _WINDOW)
    if after is None or after.group() not in _LETTER_NAMES:
        return False
    before = _LAST_WORD.search(text[max(start, point - _WINDOW) : point])
    return before is not None and (
        _JOINTS.split(before.group())[-1].removeprefix("ال") in _LETTER_NAMES
    )
