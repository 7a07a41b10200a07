"""Where sentences end, in Arabic, English and French.

A sentence ends at ؟ ؛ . ! ? … ۔ and their runs, with the closing quotes and brackets that follow,
and at the end of a paragraph (a line). It does not end at the point of a number (3.5), of an
abbreviation (د. Dr. U.S.), of an initial (J. Smith), of a list number (1.), before a lower-case
Latin letter, or inside a short «quotation» or (parenthesis).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from index.text.segmentation.abbreviations import is_abbreviation, spells_letters
from index.text.segmentation.paragraphs import paragraphs
from index.text.spans import BLANK, Span, has_words, trimmed

MAX_CLOSED_QUOTE_LENGTH = 300
"""A quotation or parenthesis up to this many characters is kept in one sentence."""

_CLOSERS = "\"'”’»›)]}"
_END = re.compile(rf"[.!?؟؛…۔]+[{re.escape(_CLOSERS)}]*")
_CLOSED = re.compile(
    rf"«[^«»]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}»"
    rf"|“[^“”]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}”"
    rf"|\([^()]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}\)"
)
_GAP = re.compile(rf"[\s{BLANK}]*")
_ARABIC_WORD_START = re.compile(r"[\"«(\[]?(?!(?:كوم|نت)\b)[\u0621-\u064a]{2}")
"""What begins a sentence after a forgotten space, and is not the end of an address (بيت.كوم)."""


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Return the sentences of `text` (or of the part `within`), in order and without overlap.

    Every character that can be seen lies in exactly one of them. Signs without a word ("…", "!!")
    belong to the sentence before them, or else to the next one of their line.
    """
    return [
        sentence
        for paragraph in paragraphs(text, within)
        for sentence in sentences_of_paragraph(text, paragraph)
    ]


def sentences_of_paragraph(text: str, paragraph: Span) -> list[Span]:
    """Return the sentences of one paragraph, as `paragraphs` gave it."""
    closed = [match.span() for match in _CLOSED.finditer(text, *paragraph)]
    openings = [opening for opening, _ in closed]
    found: list[Span] = []
    start = looked = paragraph.start
    wordy = False
    for match in _END.finditer(text, *paragraph):
        nearest = bisect_right(openings, match.start()) - 1
        if nearest >= 0 and match.end() < closed[nearest][1]:
            continue
        gap = _GAP.match(text, match.end(), paragraph.end)
        resume = gap.end() if gap else match.end()
        wordy = wordy or has_words(text, looked, match.end())
        looked = match.end()
        if not _ends_sentence(text, start, match, resume, paragraph.end):
            continue
        if wordy:
            found.append(Span(start, match.end()))
        elif found:
            found[-1] = Span(found[-1].start, match.end())
        else:
            continue
        start, wordy = resume, False
    rest = trimmed(text, start, paragraph.end)
    if rest and found and not (wordy or has_words(text, looked, rest.end)):
        found[-1] = Span(found[-1].start, rest.end)
    elif rest:
        found.append(rest)
    return found


def _ends_sentence(
    text: str, start: int, match: re.Match[str], resume: int, paragraph_end: int
) -> bool:
    """Say whether the marks `match` end the sentence from `start`; the text goes on at `resume`."""
    end = match.end()
    if resume == paragraph_end:
        return True
    mark = match.group().rstrip(_CLOSERS)
    if mark == "." and spells_letters(text, start, match.start(), resume):
        return False
    if resume == end:
        # «انتهى.وقال»: the space after a full stop is often forgotten in Arabic, never in a number.
        before = text[max(start, match.start() - 2) : match.start()]
        glued = len(before) == 2 and all("\u0621" <= char <= "\u0652" for char in before)
        return glued and _ARABIC_WORD_START.match(text, end, paragraph_end) is not None
    following = text[resume]
    if mark in ("؟", "؛", "!", "?", "۔"):
        return not (mark in "!?" and following.islower())
    if following.islower() or following in ",،;؛:":
        return False
    return mark != "." or not is_abbreviation(text, start, match.start(), following)
