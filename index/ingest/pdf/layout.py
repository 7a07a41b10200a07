"""From the glyphs of a page to its paragraphs, by where they stand.

Lines that lie under each other with the same size are a block; blocks are read in the order of the
file, which is mostly that of the writer, but never from below to above within a column.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles
from typing import NamedTuple

from index.ingest.pdf.bidi_order import facing, line_text, sides
from index.ingest.pdf.glyphs import Glyph

_NEW_COLUMN = 1.5
"""So many ems between two glyphs that follow each other in the file are two lines."""
_SAME_LINE = 0.8
"""Lines on one height that the file holds apart are one where so many ems or fewer part them."""
_LOOSEST = 2.6
"""So many ems at most from one line of a block to the next: double spacing has 2.3."""
_MAX_BOXES = 1_500
"""A page of more paragraphs (a map, a table of figures) is read in the order of the file."""
_ROW = 1.5
"""Rows of a table are so many ems apart, or more; lines in columns are nearer."""
_BULLET = re.compile(r"[•●▪■◦‣⁃\uf0b7*–—-]\s|\(?\d{1,2}[.)]\s")
_BROKEN_WORD = re.compile(r"[^\W\d_]{2,}[-\u00ad\u2010]$")
_SOFT_HYPHEN = "\u00ad"


class TextLine(NamedTuple):
    """Glyphs on one baseline, with their box and their place in the file."""

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    y: float
    size: float
    order: int


class PdfParagraph(NamedTuple):
    """A paragraph's text, the size of its letters, and how many lines it had."""

    text: str
    size: float
    lines: int
    top: float
    """The baseline of its first line."""
    full: bool
    """Whether its last line reaches as far as the others."""


def paragraphs(glyphs: Sequence[Glyph]) -> list[PdfParagraph]:
    """Return a page's paragraphs in the order they are read."""
    rtl = _runs_left("".join(glyph.text for glyph in glyphs))
    blocks = _blocks(_lines(glyphs))
    pitch = _pitch(blocks)
    parts = [(part, block) for block in blocks for part in _split(block, pitch, rtl=rtl)]
    order = _order([_box(part) for part, _ in parts], rtl=rtl)
    return [_paragraph(*parts[n], rtl=rtl) for n in order]


def _runs_left(text: str, *, page: bool = False) -> bool:
    leftwards, rightwards = sides(text)
    return leftwards > 0 and (page or leftwards >= rightwards)


def _lines(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Put together what follows in the file on one height, then what stands side by side."""
    runs: list[list[Glyph]] = []
    left = right = 0.0
    for glyph in glyphs:
        if runs and _goes_on(runs[-1], left, right, glyph):
            runs[-1].append(glyph)
            left, right = min(left, glyph.left), max(right, glyph.right)
        else:
            runs.append([glyph])
            left, right = glyph.left, glyph.right
    inked = [run for run in runs if any(not glyph.text.isspace() for glyph in run)]
    return _side_by_side([_line(run, order) for order, run in enumerate(inked)])


def _goes_on(run: list[Glyph], left: float, right: float, glyph: Glyph) -> bool:
    size = max(run[0].size, glyph.size)
    gap = max(glyph.left - right, left - glyph.right)
    if glyph.is_mark:
        return gap < size and abs(glyph.y - run[0].y) < 1.2 * size
    first = next((each for each in run if not each.is_mark), run[0])
    return gap < _NEW_COLUMN * size and abs(glyph.y - first.y) < 0.4 * size


def _line(run: list[Glyph], order: int) -> TextLine:
    inked = [glyph for glyph in run if not glyph.text.isspace()]
    main = [glyph for glyph in inked if not glyph.is_mark] or inked
    sizes = sorted(glyph.size for glyph in main)
    size = sizes[len(sizes) // 2]
    heights = sorted(glyph.y for glyph in main)
    return TextLine(
        tuple(run),
        min(glyph.left for glyph in inked),
        max(glyph.right for glyph in inked),
        heights[len(heights) // 2],
        size,
        order,
    )


def _side_by_side(lines: list[TextLine]) -> list[TextLine]:
    """Join lines that the file holds apart and a reader sees as one."""
    done: list[TextLine] = []
    for line in sorted(lines, key=lambda each: (-each.y, each.left)):
        beside = next((n for n in range(len(done) - 1, -1, -1) if _is_beside(done[n], line)), None)
        near = done[-40:]
        if beside is None or done[beside] not in near:
            done.append(line)
        else:
            other = done[beside]
            done[beside] = _line([*other.glyphs, *line.glyphs], min(other.order, line.order))
    return done


def _is_beside(line: TextLine, other: TextLine) -> bool:
    size = max(line.size, other.size)
    gap = max(other.left - line.right, line.left - other.right)
    return abs(line.y - other.y) < 0.3 * size and gap < _SAME_LINE * size


def _blocks(lines: list[TextLine]) -> list[list[TextLine]]:
    """Put a line under the only one above it that fits, where no other line fits there too."""
    lines = sorted(lines, key=lambda line: -line.y)
    blocks: list[list[TextLine]] = []
    open_blocks: list[list[TextLine]] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[start].y - lines[end].y < 0.5 * lines[start].size:
            end += 1
        row = lines[start:end]
        open_blocks = [
            block
            for block in open_blocks
            if block[-1].y - row[0].y <= 3 * _LOOSEST * block[-1].size
        ]
        fits = [[block for block in open_blocks if _is_under(block[-1], line)] for line in row]
        for line, above in zip(row, fits, strict=True):
            alone = len(above) == 1 and sum(above[0] in others for others in fits) == 1
            if alone and not (len(row) > 1 and _are_cells(above[0][-1], line)):
                above[0].append(line)
            else:
                blocks.append([line])
                open_blocks.append(blocks[-1])
        start = end
    return blocks


def _are_cells(above: TextLine, line: TextLine) -> bool:
    """Say so of few words with much room between them: beside others, they are a table's."""
    few = max(len(line_text(each.glyphs, rtl=True).split()) for each in (above, line)) <= 4
    return few and above.y - line.y >= _ROW * line.size


def _is_under(above: TextLine, line: TextLine) -> bool:
    size = max(above.size, line.size)
    overlap = min(above.right, line.right) - max(above.left, line.left)
    return (
        min(above.size, line.size) > 0.94 * size
        and 0.4 * size < above.y - line.y <= _LOOSEST * size
        and overlap > 0.3 * min(above.right - above.left, line.right - line.left)
    )


class _Box(NamedTuple):
    left: float
    right: float
    top: float
    bottom: float
    order: int
    single: bool


def _order(boxes: list[_Box], *, rtl: bool) -> list[int]:
    """Return the places of paragraphs in the order of the file, but what is above comes first."""
    if len(boxes) > _MAX_BOXES:
        return sorted(range(len(boxes)), key=lambda n: boxes[n].order)
    after: list[list[int]] = [[] for _ in boxes]
    waiting = [0] * len(boxes)
    for one, box in enumerate(boxes):
        for two, other in enumerate(boxes):
            if one != two and _comes_before(box, other, rtl=rtl):
                after[one].append(two)
                waiting[two] += 1
    ready = [(box.order, n) for n, box in enumerate(boxes) if not waiting[n]]
    heapq.heapify(ready)
    done: list[int] = []
    left = set(range(len(boxes)))
    while left:
        if not ready:  # two that each should come first: the file decides
            ready = [min((boxes[n].order, n) for n in left)]
        _, now = heapq.heappop(ready)
        if now not in left:
            continue
        left.discard(now)
        done.append(now)
        for then in after[now]:
            waiting[then] -= 1
            if not waiting[then]:
                heapq.heappush(ready, (boxes[then].order, then))
    return done


def _box(block: list[TextLine]) -> _Box:
    return _Box(
        min(line.left for line in block),
        max(line.right for line in block),
        block[0].y + 0.7 * block[0].size,
        block[-1].y - 0.2 * block[-1].size,
        min(line.order for line in block),
        len(block) == 1,
    )


def _comes_before(box: _Box, other: _Box, *, rtl: bool) -> bool:
    """Say so of what is above in the same column, or first in the same row of a table."""
    if min(box.right, other.right) > max(box.left, other.left):
        return box.bottom >= other.top - 0.5 * (other.top - other.bottom) and box.top > other.top
    same_row = (box.single or other.single) and min(box.top, other.top) > max(
        box.bottom, other.bottom
    )
    return same_row and (box.left >= other.right if rtl else box.right <= other.left)


def _pitch(blocks: list[list[TextLine]]) -> float:
    """Return how far lines of one paragraph are apart on this page, in ems."""
    steps = [(above.y - line.y) / line.size for block in blocks for above, line in pairwise(block)]
    return quantiles(steps, n=4)[0] if len(steps) > 1 else max(steps, default=_LOOSEST)


def _split(block: list[TextLine], pitch: float, *, rtl: bool) -> list[list[TextLine]]:
    """Cut a block into paragraphs: at a gap, an indentation, a bullet or a line that ends early."""
    left, right = min(line.left for line in block), max(line.right for line in block)
    parts = [[block[0]]]
    for above, line in pairwise(block):
        step = (above.y - line.y) / line.size
        inset = right - line.right if rtl else line.left - left
        inset_above = right - above.right if rtl else above.left - left
        indented = 0.7 * line.size < inset < 5 * line.size and inset_above < 0.4 * line.size
        room = above.left - left if rtl else right - above.right
        early = room > _first_word(line, rtl=rtl) + 0.5 * line.size
        centred = abs(inset_above - room) < 2 * line.size and inset_above > line.size
        bullet = _BULLET.match(_opening(line, rtl=rtl)) is not None
        if step > 1.25 * pitch or bullet or indented or (early and not centred):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _opening(line: TextLine, *, rtl: bool) -> str:
    """Return the first letters of a line."""
    ordered = sorted(line.glyphs, key=lambda each: -each.right if rtl else each.left)
    return line_text(ordered[:5], rtl=rtl)


def _first_word(line: TextLine, *, rtl: bool) -> float:
    """Return how wide the line's first word is; a longer one did not fit on the line above."""
    edge, far = (line.right, line.left) if rtl else (line.left, line.right)
    for glyph in sorted(line.glyphs, key=lambda each: -each.centre if rtl else each.centre):
        if glyph.text.isspace() and (glyph.centre < edge - 1 if rtl else glyph.centre > edge + 1):
            return abs(edge - glyph.centre)
    return abs(edge - far)


def _paragraph(part: list[TextLine], block: list[TextLine], *, rtl: bool) -> PdfParagraph:
    own = "".join(glyph.text for line in part for glyph in line.glyphs)
    leftwards = _runs_left(own, page=rtl)
    text = ""
    for line in part:
        text = _joined(text, line_text(line.glyphs, rtl=leftwards))
    edge = min(line.left for line in block) if rtl else max(line.right for line in block)
    reached = part[-1].left - edge if rtl else edge - part[-1].right
    sizes = sorted(line.size for line in part)
    return PdfParagraph(
        facing(text) if sides(text)[0] else text,
        sizes[len(sizes) // 2],
        len(part),
        part[0].y,
        len(block) > 1 and reached < 2 * part[-1].size,
    )


def _joined(text: str, line: str) -> str:
    """Put a line after the ones before it; a word that was broken at the end is put together."""
    if _BROKEN_WORD.search(text) and line[:1].islower():
        return text[:-1] + line
    return f"{text.rstrip(_SOFT_HYPHEN)} {line}".strip()
