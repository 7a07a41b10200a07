"""Read the glyphs of a PDF's page, with their text and position.

PDFium reverses right-to-left runs itself, glyph by glyph and letter by letter, so that the two
letters of a ligature are reversed, and spaces at the boundary of two scripts are misplaced. Only
the text and position of its glyphs are used here; `bidi_order` computes their order.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

_DIRECTION_MARKS = frozenset(
    map(chr, (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Directional formatting characters; on a page, positions give the direction."""
ALEFS = frozenset("اأإآٱ")
_PRESENTATION_FORMS = ((0xFB00, 0xFB06), (0xFB50, 0xFDF9), (0xFE70, 0xFEFC))
"""Latin ligatures and Arabic presentation forms, without signs that are words (U+FDFA)."""
_SPELLED_OUT = "…½¼¾™№℃℉ﷺﷻ﷼"
_PDFIUM_HYPHEN = 2
"""The code that PDFium returns for a hyphen at the end of a line."""


class Glyph(NamedTuple):
    """The text of one glyph and its box, in points from the lower left corner of the page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    readable: bool = True
    """Whether the file maps the glyph to a character."""

    @property
    def centre(self) -> float:
        """The horizontal centre of its box."""
        return (self.left + self.right) / 2

    @property
    def is_mark(self) -> bool:
        """Whether it is a nonspacing mark, drawn over or under a letter."""
        return _is_mark(self.text[0])


class _Letter(NamedTuple):
    char: str
    box: tuple[float, float, float, float, float]
    """Left, right, baseline, top and bottom; equal for all letters of one glyph."""
    size: float
    quarter: int
    readable: bool


def read_glyphs(page: PdfTextPage) -> list[Glyph]:
    """Return a page's glyphs in file order, without the spaces that PDFium inserts.

    Coordinates of text at a multiple of 90° are rotated upright. Of several such directions, only
    the most frequent is returned; oblique text, such as a watermark, is left out.
    """
    letters = list(_read_letters(page))
    quarter_turns = [letter.quarter for letter in letters]
    main_quarter = max(set(quarter_turns), key=quarter_turns.count, default=0)
    glyphs: list[Glyph] = []
    glyph_letters: list[_Letter] = []
    for letter in letters:
        if letter.quarter != main_quarter:
            continue
        if glyph_letters and glyph_letters[0].box != letter.box:
            glyphs.append(_build_glyph(glyph_letters))
            glyph_letters = []
        glyph_letters.append(letter)
    return [*glyphs, _build_glyph(glyph_letters)] if glyph_letters else glyphs


def _read_letters(page: PdfTextPage) -> Iterator[_Letter]:
    import pypdfium2.raw as pdfium

    text_page = page.raw
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if pdfium.FPDFText_IsGenerated(text_page, index) or code in {0xA, 0xD}:
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        if not pdfium.FPDFText_GetMatrix(text_page, index, matrix):
            continue
        readable = not pdfium.FPDFText_HasUnicodeMapError(text_page, index)
        char = "-" if code == _PDFIUM_HYPHEN and readable else _to_character(code)
        if char in _DIRECTION_MARKS or (char.isspace() and box.right - box.left <= 0):
            continue
        angle = math.degrees(math.atan2(matrix.b, matrix.a))
        quarter = round(angle / 90) % 4
        if abs(angle - 90 * round(angle / 90)) > 10:
            continue
        turned_box = _rotate_box(
            quarter, box.left, box.bottom, box.right, box.top, x.value, y.value
        )
        if not all(map(math.isfinite, turned_box)):
            continue
        size = pdfium.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d)
        yield _Letter(char, turned_box, max(size, 0.1), quarter, readable and char != "\ufffd")


@cache
def _to_character(code: int) -> str:
    """Return the character, or U+FFFD for controls, private-use and unassigned code points."""
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "\ufffd"
    char = chr(code)
    return (
        " "
        if char.isspace()
        else "\ufffd"
        if unicodedata.category(char) in _UNREADABLE_CATEGORIES
        else char
    )


_UNREADABLE_CATEGORIES = frozenset(("Cc", "Cn", "Co", "Cs"))


def _rotate_box(
    quarter: int, left: float, bottom: float, right: float, top: float, x: float, y: float
) -> tuple[float, float, float, float, float]:
    """Rotate a box back by the quarter turns of its text; return it as `_Letter.box`."""
    if quarter == 1:
        return bottom, top, -x, -left, -right
    if quarter == 2:
        return -right, -left, -y, -bottom, -top
    if quarter == 3:
        return -top, -bottom, x, right, left
    return left, right, y, top, bottom


def _build_glyph(letters: list[_Letter]) -> Glyph:
    first = letters[0]
    left, right, y, _, _ = first.box
    readable = all(letter.readable for letter in letters)
    return Glyph(
        _glyph_text("".join(letter.char for letter in letters)),
        left,
        right,
        y,
        first.size,
        readable,
    )


@cache
def _is_mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


@cache
def _glyph_text(text: str) -> str:
    """Return a glyph's text, with presentation forms as letters and ligatures in logical order.

    PDFium reverses the letters of a ligature with everything else on an Arabic line, but not those
    of a sign that it has decomposed itself.
    """
    folded = "".join(map(_fold_presentation_form, text))
    if len(text) < 2:
        return folded
    if sign := _spelled_out_signs().get(folded):
        return sign
    if not is_rtl(folded[0]) or unicodedata.category(folded[-1]) == "Mn":
        return folded
    if len(folded) == 2 and "ل" in folded and ALEFS.intersection(folded):
        return "ل" + folded.strip("ل")  # there is no ligature of alef and lam
    return folded if folded in _ligatures() else folded[::-1]


@cache
def _spelled_out_signs() -> dict[str, str]:
    """Return the signs that PDFium decomposes on Arabic lines, by their decomposition."""
    return {unicodedata.normalize("NFKC", sign).replace("⁄", "/"): sign for sign in _SPELLED_OUT}


@cache
def _ligatures() -> frozenset[str]:
    """Return the letters of the ligatures among the presentation forms.

    Ligatures whose reversed letters are a ligature too are left out.
    """
    spellings = {
        unicodedata.normalize("NFKC", chr(code))
        for first, last in _PRESENTATION_FORMS[1:]
        for code in range(first, last + 1)
    }
    return frozenset(
        spelling for spelling in spellings if len(spelling) > 1 and spelling[::-1] not in spellings
    )


def _fold_presentation_form(char: str) -> str:
    """Return the letters of a presentation form, and other characters unchanged."""
    if any(first <= ord(char) <= last for first, last in _PRESENTATION_FORMS):
        return unicodedata.normalize("NFKC", char).strip() or char
    return char


@cache
def is_rtl(char: str) -> bool:
    """Return whether a character belongs to a right-to-left script."""
    return unicodedata.bidirectional(char) in {"R", "AL"}
