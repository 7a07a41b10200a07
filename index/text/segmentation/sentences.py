"""Split text into sentences, in Arabic, English and French.

A sentence ends at ؟ ؛ . ! ? … ۔ and their runs, with the closing quotes and brackets that follow,
and at the end of a paragraph (a line). It does not end at the point of a number (3.5), of an
abbreviation (د. Dr. U.S.), of an initial (J. Smith), of a list number (1.), before a lower-case
Latin letter, or inside a short «quotation» or (parenthesis).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from index.text.segmentation.abbreviations import is_abbreviation, is_spelled_acronym
from index.text.segmentation.paragraphs import split_paragraphs
from index.text.spans import INVISIBLE_CHARS, Span, has_words, trim_span

MAX_CLOSED_QUOTE_LENGTH = 300
"""A quotation or parenthesis up to this many characters is kept in one sentence."""

_CLOSERS = "\"'”’»›)]}"
_END = re.compile(rf"[.!?؟؛…۔]+[{re.escape(_CLOSERS)}]*")
_ENCLOSED = re.compile(
    rf"«[^«»]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}»"
    rf"|“[^“”]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}”"
    rf"|\([^()]{{1,{MAX_CLOSED_QUOTE_LENGTH}}}\)"
)
_GAP = re.compile(rf"[\s{INVISIBLE_CHARS}]*")
_ARABIC_WORD_START = re.compile(r"[\"«(\[]?(?!(?:كوم|نت)\b)[\u0621-\u064a]{2}")
"""Beginning of a sentence after a missing space, unlike the end of a domain name (بيت.كوم)."""


def split_sentences(text: str, span: Span | None = None) -> list[Span]:
    """Return the sentences of `text` (or of its part `span`), in order and without overlap.

    Every visible character lies in exactly one sentence. Punctuation without a word ("…", "!!")
    belongs to the sentence before it, or else to the next one of its line.
    """
    return [
        sentence
        for paragraph in split_paragraphs(text, span)
        for sentence in split_paragraph_sentences(text, paragraph)
    ]


def split_paragraph_sentences(text: str, paragraph: Span) -> list[Span]:
    """Return the sentences of one paragraph, a span that `split_paragraphs` returned."""
    enclosed = [match.span() for match in _ENCLOSED.finditer(text, *paragraph)]
    openings = [opening for opening, _ in enclosed]
    sentences: list[Span] = []
    start = scanned_end = paragraph.start
    contains_word = False
    for match in _END.finditer(text, *paragraph):
        nearest = bisect_right(openings, match.start()) - 1
        if nearest >= 0 and match.end() < enclosed[nearest][1]:
            continue
        gap = _GAP.match(text, match.end(), paragraph.end)
        next_start = gap.end() if gap else match.end()
        contains_word = contains_word or has_words(text, scanned_end, match.end())
        scanned_end = match.end()
        if not _ends_sentence(text, start, match, next_start, paragraph.end):
            continue
        if contains_word:
            sentences.append(Span(start, match.end()))
        elif sentences:
            sentences[-1] = Span(sentences[-1].start, match.end())
        else:
            continue
        start, contains_word = next_start, False
    rest = trim_span(text, start, paragraph.end)
    if rest and sentences and not (contains_word or has_words(text, scanned_end, rest.end)):
        sentences[-1] = Span(sentences[-1].start, rest.end)
    elif rest:
        sentences.append(rest)
    return sentences


def _ends_sentence(
    text: str, start: int, match: re.Match[str], next_start: int, paragraph_end: int
) -> bool:
    """Say whether the punctuation `match` ends the sentence that begins at `start`.

    `next_start` is the offset of the next visible character.
    """
    end = match.end()
    if next_start == paragraph_end:
        return True
    marks = match.group().rstrip(_CLOSERS)
    if marks == "." and is_spelled_acronym(text, start, match.start(), next_start):
        return False
    if next_start == end:
        # «انتهى.وقال»: in Arabic the space after a full stop is often missing.
        before = text[max(start, match.start() - 2) : match.start()]
        follows_arabic = len(before) == 2 and all("\u0621" <= char <= "\u0652" for char in before)
        return follows_arabic and _ARABIC_WORD_START.match(text, end, paragraph_end) is not None
    next_char = text[next_start]
    if marks in ("؟", "؛", "!", "?", "۔"):
        return not (marks in "!?" and next_char.islower())
    if next_char.islower() or next_char in ",،;؛:":
        return False
    return marks != "." or not is_abbreviation(text, start, match.start(), next_char)
