"""PDF and Word files made by hand, as small as they can be, with invented news in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

LATIN_WIDTH = 0.5
"""Every glyph of the invented font is so many ems wide."""


_FONT = (
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Invented/DW 500/CIDSystemInfo"
    b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor<</Type"
    b"/FontDescriptor/FontName/Invented/Flags 4/FontBBox[0 -200 500 800]/Ascent 800"
    b"/Descent -200/ItalicAngle 0/CapHeight 700/StemV 80>>>>"
)


class Drawn(NamedTuple):
    """Glyphs on one line of a page, from left to right: what stands for each in ToUnicode.

    A number between them moves the pen so many ems.
    """

    left: float
    y: float
    glyphs: Sequence[str | float]
    size: float = 10


def to_the_left(text: str) -> list[str]:
    """Return an Arabic line's glyphs as a page shows them: from the left, ligatures of one glyph.

    Latin words, numbers and dates keep their order; between two of them that belong together a
    no-break space stands in for a space.
    """
    shown: list[str] = []
    for word in reversed(text.split(" ")):
        shown += [" "] if shown else []
        letters = list(word.replace("\u00a0", " "))
        if any("\u0620" <= char <= "\u064a" for char in word):
            letters = list(reversed(_ligatures(word)))
        shown += letters
    return shown


def _ligatures(word: str) -> list[str]:
    glyphs: list[str] = []
    for char in word:
        if char in "اأإآ" and glyphs and glyphs[-1] == "ل":
            glyphs[-1] = "ل" + char
        else:
            glyphs.append(char)
    return glyphs


def right_aligned(text: str, right: float, y: float, size: float = 10) -> Drawn:
    glyphs = to_the_left(text)
    return Drawn(right - len(glyphs) * LATIN_WIDTH * size, y, glyphs, size)


def from_left(text: str, left: float, y: float, size: float = 10) -> Drawn:
    return Drawn(left, y, list(text), size)


def pdf_of(
    pages: Sequence[Iterable[Drawn]],
    *,
    said: Mapping[str, str] | None = None,
    unicode: bool = True,
) -> bytes:
    """Return a PDF with an invented font; without `unicode` it does not say what its signs mean."""
    pages = [list(page) for page in pages]
    drawn = sorted(
        {
            glyph
            for page in pages
            for line in page
            for glyph in line.glyphs
            if isinstance(glyph, str)
        }
    )
    number = {glyph: code for code, glyph in enumerate(drawn, 1)}
    first_page = 6
    kids = " ".join(f"{first_page + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/Invented/Encoding/Identity-H/DescendantFonts[4 0 R]"
        + (b"/ToUnicode 5 0 R>>" if unicode else b">>"),
        _FONT,
        stream(_to_unicode(number)),
    ]
    for page in pages:
        content = "".join(
            f"BT /F {line.size} Tf {line.left} {line.y} Td ["
            + "".join(
                f"<{number[glyph]:04X}>" if isinstance(glyph, str) else f" {-1000 * glyph} "
                for glyph in line.glyphs
            )
            + "] TJ ET\n"
            for line in page
        )
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (len(objects) + 2),
            stream(content.encode()),
        ]
    if said is None:
        return pdf_file(objects)
    fields = "".join(f"/{name}({value})" for name, value in said.items())
    return pdf_file([*objects, f"<<{fields}>>".encode()], info=len(objects) + 1)


def _to_unicode(number: Mapping[str, int]) -> bytes:
    lines = "".join(
        f"<{code:04X}> <{glyph.encode('utf-16-be').hex()}>\n" for glyph, code in number.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Invented def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(number)} beginbfchar\n{lines}endbfchar endcmap end end"
    ).encode()


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(content), more, content)


def pdf_file(objects: Sequence[bytes], *, info: int = 0, trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects, of which the first is the catalogue."""
    content = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    more = trailer + (b"/Info %d 0 R" % info if info else b"")
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, table, len(objects) + 1, more, len(content))
    )
