"""From glyphs in their places on a line to text in the order it is read.

The inverse of the Unicode bidirectional algorithm (UAX 9) for one line: a page shows a line after
that algorithm has laid it out, and the text before it is wanted. Where two texts look the same on
a page, the likelier one is taken: a Latin word and the number after it are one phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from index.ingest.pdf.glyphs import Glyph, is_rtl

_GAP = 0.18
"""So many ems between two glyphs are a space."""
_GAP_IN_ARABIC = 0.13
"""Arabic letters touch, so less is enough between them."""
_SEAM = re.compile("(?<=[A-Za-z])(?=[\u0620-\u064a\u066e-\u06d3])")
"""Word loses the space there. Arabic sets no ending on a Latin word, but does set «و» before it."""
_INSIDE_NUMBERS = frozenset(".,:/٫٬،\u00a0")
_SIGNS_OF_NUMBERS = frozenset("-+−")
_BESIDE_NUMBERS = frozenset("%٪‰$€£°#")
_PAIRS = ("()", "[]", "{}", "«»", "‹›", "“”", "‘’")


class BidiRun(NamedTuple):
    """A letter with its marks, a figure, a sign or a space, and its side: R, L, N(umber) or S."""

    text: str
    side: str


def line_text(glyphs: Sequence[Glyph], *, rtl: bool) -> str:
    """Return the text of one line's glyphs; `rtl` says that its paragraph runs to the left."""
    pieces = _pieces(glyphs)
    ordered = _from_right(pieces) if rtl else _from_left(pieces)
    text = _SEAM.sub(" ", "".join(piece.text for piece in ordered))
    return " ".join(text.split())


def sides(text: str) -> tuple[int, int]:
    """Return how many letters are written to the left, and how many to the right."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    return sum(kind in {"R", "AL"} for kind in kinds), kinds.count("L")


def _pieces(glyphs: Sequence[Glyph]) -> list[BidiRun]:
    """Return what stands on a line, from left to right, with spaces where there are gaps."""
    bases = sorted((glyph for glyph in glyphs if not glyph.is_mark), key=lambda each: each.centre)
    bases = _once(bases)
    marks: dict[int, str] = {}
    for mark in (glyph for glyph in glyphs if glyph.is_mark):
        lettered = [n for n, base in enumerate(bases) if base.text[0].isalpha()]
        if lettered:
            nearest = min(lettered, key=lambda n: abs(bases[n].centre - mark.centre))
            marks[nearest] = marks.get(nearest, "") + mark.text
    pieces: list[BidiRun] = []
    for number, glyph in enumerate(bases):
        if number and _apart(bases[number - 1], glyph):
            pieces.append(BidiRun(" ", "S"))
        pieces.append(BidiRun(glyph.text + marks.get(number, ""), _side(glyph.text)))
    return pieces


def _once(glyphs: list[Glyph]) -> list[Glyph]:
    """Leave out what was printed twice in one place to look bold."""
    kept: list[Glyph] = []
    for glyph in glyphs:
        double = any(
            glyph.text == other.text and abs(glyph.left - other.left) < 0.08 * glyph.size
            for other in kept[-2:]
        )
        if not double or glyph.text.isspace():
            kept.append(glyph)
    return kept


def _apart(left: Glyph, right: Glyph) -> bool:
    arabic = is_rtl(left.text[0]) and is_rtl(right.text[0])
    gap = (_GAP_IN_ARABIC if arabic else _GAP) * max(left.size, right.size)
    return right.left - left.right > gap


@cache
def _side(text: str) -> str:
    kind = unicodedata.bidirectional(text[0])
    if kind in {"R", "AL"}:
        return "R"
    return "L" if kind == "L" else "N" if kind in {"EN", "AN"} else "S"


def _from_right(pieces: list[BidiRun]) -> list[BidiRun]:
    """Read from the right; Latin words and figures keep their own order."""
    ordered: list[BidiRun] = []
    after_arabic = False
    last = len(pieces) - 1
    while last >= 0:
        first = last
        if _begins_a_run(pieces, last, after_arabic=after_arabic):
            first = _run_start(pieces, last, after_arabic=after_arabic)
        ordered += pieces[first : last + 1]
        sides_met = [piece.side for piece in pieces[first : last + 1] if piece.side in "RL"]
        after_arabic = sides_met[-1] == "R" if sides_met else after_arabic
        last = first - 1
    return ordered


def _begins_a_run(pieces: list[BidiRun], at: int, *, after_arabic: bool) -> bool:
    """Say whether a run to the right ends here: a letter, a figure, or the % of a figure."""
    if pieces[at].side in "LN":
        return True
    beside = pieces[at].text in _BESIDE_NUMBERS and at > 0 and pieces[at - 1].side == "N"
    return beside and not after_arabic


def _run_start(pieces: list[BidiRun], last: int, *, after_arabic: bool) -> int:
    """Return where the run that ends at `last` begins."""
    first = last if pieces[last].side in "LN" else last - 1
    while first > 0:
        left = first - 1
        while left > 0 and pieces[left].side == "S":
            left -= 1
        between = "".join(piece.text for piece in pieces[left + 1 : first])
        if not _joined(pieces[left], between, pieces[first], after_arabic=after_arabic):
            break
        first = left
    return first


def _joined(left: BidiRun, between: str, right: BidiRun, *, after_arabic: bool) -> bool:
    kinds = {left.side, right.side}
    if not kinds <= {"L", "N"}:
        return False
    if kinds == {"N"}:
        if not between:
            return True
        eastern = _is_eastern(left) or _is_eastern(right)
        signs = between in _SIGNS_OF_NUMBERS and not after_arabic and not eastern
        return between in _INSIDE_NUMBERS or signs
    return not ("N" in kinds and (_is_eastern(left) or _is_eastern(right)))


def _is_eastern(piece: BidiRun) -> bool:
    return unicodedata.bidirectional(piece.text[0]) == "AN"


def _from_left(pieces: list[BidiRun]) -> list[BidiRun]:
    """Read from the left; Arabic phrases are read from their right."""
    ordered: list[BidiRun] = []
    first = 0
    while first < len(pieces):
        last = first
        if pieces[first].side == "R":
            ahead = first
            while ahead < len(pieces) and pieces[ahead].side != "L":
                last = ahead if pieces[ahead].side == "R" else last
                ahead += 1
        part = pieces[first : last + 1]
        ordered += _from_right(part) if len(part) > 1 else part
        first = last + 1
    return ordered


def facing(text: str) -> str:
    """Turn brackets that look the wrong way: some files hold their shapes, some their meaning."""
    for pair in _PAIRS:
        found = [match.start() for match in re.finditer(f"[{re.escape(pair)}]", text)]
        signs = [text[at] for at in found]
        if not found or _balanced(signs, pair):
            continue
        turned = [pair[1 - pair.index(sign)] for sign in signs]
        if not _balanced(turned, pair):
            if len(signs) % 2:
                continue
            turned = list(pair) * (len(signs) // 2)
        letters = list(text)
        for at, sign in zip(found, turned, strict=True):
            letters[at] = sign
        text = "".join(letters)
    return text


def _balanced(signs: list[str], pair: str) -> bool:
    depth = 0
    for sign in signs:
        depth += 1 if sign == pair[0] else -1
        if depth < 0:
            return False
    return depth == 0
