"""Convert a line's glyphs from visual to logical order.

This inverts the Unicode bidirectional algorithm (UAX 9) for one line: a page shows a line after
that algorithm, and this module restores the text before it. Where two texts look the same on a
page, the likelier one is returned: a Latin word and the number after it are one phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from index.ingest.pdf.glyphs import ALEFS, Glyph, is_rtl

_LETTER_GAP = 0.08
"""Glyphs no further apart than this, in ems, are of one word in any font."""
_WORD_GAP = 0.25
"""Glyphs further apart than this, in ems, are of two words in any font."""
_SCRIPT_BOUNDARY = re.compile("(?<=[A-Za-z])(?=[\u0620-\u064a\u066e-\u06d3])")
"""Where Word loses a space. Arabic adds no suffix to a Latin word, but does prefix «و» to it."""
_NUMBER_SEPARATORS = frozenset(".,:/٫٬،\u00a0")
_NUMBER_SIGNS = frozenset("-+−")
_NUMBER_AFFIXES = frozenset("%٪‰$€£°#")
_BRACKET_PAIRS = ("()", "[]", "{}", "«»", "‹›", "“”", "‘’")


class BidiRun(NamedTuple):
    """A letter with its marks, a digit, a sign or a space, and its direction.

    The direction is R, L, N for numbers, or S for signs and spaces.
    """

    text: str
    direction: str


def line_text(glyphs: Sequence[Glyph], *, rtl: bool) -> str:
    """Return the text of a line's glyphs; `rtl` is the direction of its paragraph."""
    runs = _build_runs(glyphs)
    ordered = _order_rtl(runs) if rtl else _order_ltr(runs)
    text = _SCRIPT_BOUNDARY.sub(" ", "".join(run.text for run in ordered))
    return " ".join(text.split())


def count_rtl_ltr_letters(text: str) -> tuple[int, int]:
    """Return the numbers of right-to-left and of left-to-right letters."""
    bidi_classes = [unicodedata.bidirectional(char) for char in text]
    return sum(bidi_class in {"R", "AL"} for bidi_class in bidi_classes), bidi_classes.count("L")


def _build_runs(glyphs: Sequence[Glyph]) -> list[BidiRun]:
    """Return a line's runs from left to right, with spaces at the gaps."""
    bases = _drop_overprints(_sort_bases([glyph for glyph in glyphs if not glyph.is_mark]))
    min_space_gap = _find_min_space_gap(bases)
    marks: dict[int, str] = {}
    for mark in (glyph for glyph in glyphs if glyph.is_mark):
        letter_indexes = [n for n, base in enumerate(bases) if base.text[0].isalpha()]
        if letter_indexes:
            nearest = min(letter_indexes, key=lambda n: abs(bases[n].centre - mark.centre))
            marks[nearest] = marks.get(nearest, "") + mark.text
    runs: list[BidiRun] = []
    for index, glyph in enumerate(bases):
        if index and _gap(bases[index - 1], glyph) > min_space_gap:
            runs.append(BidiRun(" ", "S"))
        runs.append(BidiRun(glyph.text + marks.get(index, ""), _direction(glyph.text)))
    return runs


def _sort_bases(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the glyphs from left to right, and those stacked on one another in file order.

    Some fonts draw a letter above the following one, whose centre may be on its wrong side.
    """
    centres = [glyph.centre for glyph in glyphs]
    order = sorted(range(len(glyphs)), key=lambda n: centres[n])
    steps = [right - left for left, right in pairwise(centres)]
    file_step = 1 if 2 * sum(step > 0 for step in steps) > len(steps) else -1
    for place in range(len(order) - 1):
        left, right = order[place : place + 2]
        if right - left == -file_step and _are_stacked(glyphs[left], glyphs[right]):
            order[place : place + 2] = right, left
    return [glyphs[n] for n in order]


def _are_stacked(left: Glyph, right: Glyph) -> bool:
    """Return whether the boxes of two Arabic letters share over half of the narrower one.

    Lam and alef are left aside: whatever the file has, lam comes first.
    """
    texts = {left.text, right.text}
    if "ل" in texts and not texts.isdisjoint(ALEFS):
        return False
    overlap = min(left.right, right.right) - max(left.left, right.left)
    narrower = min(left.right - left.left, right.right - right.left)
    return is_rtl(left.text[0]) and is_rtl(right.text[0]) and overlap > 0.5 * narrower


def _drop_overprints(glyphs: list[Glyph]) -> list[Glyph]:
    """Remove glyphs that were printed twice in one place to look bold."""
    unique: list[Glyph] = []
    for glyph in glyphs:
        is_overprint = any(
            glyph.text == other.text and abs(glyph.left - other.left) < 0.08 * glyph.size
            for other in unique[-2:]
        )
        if not is_overprint or glyph.text.isspace():
            unique.append(glyph)
    return unique


def _find_min_space_gap(glyphs: Sequence[Glyph]) -> float:
    """Return the gap, in ems, above which two glyphs of a line have a space between them.

    Fonts differ in how far apart letters and words are, but in one line every gap of the one kind
    is smaller than every gap of the other. The middle of the widest interval in which no gap of the
    line lies divides them.
    """
    gaps = sorted(
        gap
        for left, right in pairwise(glyphs)
        if _LETTER_GAP < (gap := _gap(left, right)) < _WORD_GAP
    )
    intervals = pairwise((_LETTER_GAP, *gaps, _WORD_GAP))
    lower, upper = max(intervals, key=lambda interval: interval[1] - interval[0])
    return (lower + upper) / 2


def _gap(left: Glyph, right: Glyph) -> float:
    """Return the gap between two glyphs in ems; it is negative if they overlap."""
    return (right.left - left.right) / max(left.size, right.size)


@cache
def _direction(text: str) -> str:
    bidi_class = unicodedata.bidirectional(text[0])
    if bidi_class in {"R", "AL"}:
        return "R"
    return "L" if bidi_class == "L" else "N" if bidi_class in {"EN", "AN"} else "S"


def _order_rtl(runs: list[BidiRun]) -> list[BidiRun]:
    """Return the runs of a right-to-left line in logical order; Latin and numbers keep theirs."""
    ordered: list[BidiRun] = []
    after_arabic = False
    last = len(runs) - 1
    while last >= 0:
        first = last
        if _ends_ltr_run(runs, last, after_arabic=after_arabic):
            first = _run_start(runs, last, after_arabic=after_arabic)
        ordered += runs[first : last + 1]
        directions_met = [run.direction for run in runs[first : last + 1] if run.direction in "RL"]
        after_arabic = directions_met[-1] == "R" if directions_met else after_arabic
        last = first - 1
    return ordered


def _ends_ltr_run(runs: list[BidiRun], index: int, *, after_arabic: bool) -> bool:
    """Return whether a left-to-right sequence ends at `index`: a letter, digit or % of a number."""
    if runs[index].direction in "LN":
        return True
    is_number_affix = (
        runs[index].text in _NUMBER_AFFIXES and index > 0 and runs[index - 1].direction == "N"
    )
    return is_number_affix and not after_arabic


def _run_start(runs: list[BidiRun], last: int, *, after_arabic: bool) -> int:
    """Return the first index of the left-to-right sequence that ends at `last`."""
    first = last if runs[last].direction in "LN" else last - 1
    while first > 0:
        left = first - 1
        while left > 0 and runs[left].direction == "S":
            left -= 1
        between = "".join(run.text for run in runs[left + 1 : first])
        if not _is_same_run(runs[left], between, runs[first], after_arabic=after_arabic):
            break
        first = left
    return first


def _is_same_run(left: BidiRun, between: str, right: BidiRun, *, after_arabic: bool) -> bool:
    directions = {left.direction, right.direction}
    if not directions <= {"L", "N"}:
        return False
    if directions == {"N"}:
        if not between:
            return True
        has_arabic_number = _is_arabic_number(left) or _is_arabic_number(right)
        is_number_sign = between in _NUMBER_SIGNS and not after_arabic and not has_arabic_number
        return between in _NUMBER_SEPARATORS or is_number_sign
    return not ("N" in directions and (_is_arabic_number(left) or _is_arabic_number(right)))


def _is_arabic_number(run: BidiRun) -> bool:
    return unicodedata.bidirectional(run.text[0]) == "AN"


def _order_ltr(runs: list[BidiRun]) -> list[BidiRun]:
    """Return the runs of a left-to-right line in logical order; Arabic phrases are reversed."""
    ordered: list[BidiRun] = []
    first = 0
    while first < len(runs):
        last = first
        if runs[first].direction == "R":
            ahead = first
            while ahead < len(runs) and runs[ahead].direction != "L":
                last = ahead if runs[ahead].direction == "R" else last
                ahead += 1
        part = runs[first : last + 1]
        ordered += _order_rtl(part) if len(part) > 1 else part
        first = last + 1
    return ordered


def fix_brackets(text: str) -> str:
    """Mirror unbalanced brackets: some files encode the shape of a bracket, others its meaning."""
    for pair in _BRACKET_PAIRS:
        positions = [match.start() for match in re.finditer(f"[{re.escape(pair)}]", text)]
        brackets = [text[position] for position in positions]
        if not positions or _are_balanced(brackets, pair):
            continue
        mirrored = [pair[1 - pair.index(bracket)] for bracket in brackets]
        if not _are_balanced(mirrored, pair):
            if len(brackets) % 2:
                continue
            mirrored = list(pair) * (len(brackets) // 2)
        letters = list(text)
        for position, bracket in zip(positions, mirrored, strict=True):
            letters[position] = bracket
        text = "".join(letters)
    return text


def _are_balanced(brackets: list[str], pair: str) -> bool:
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket == pair[0] else -1
        if depth < 0:
            return False
    return depth == 0
