"""Group the glyphs of a page into paragraphs by their position.

Consecutive lines of the same size, one below the other, form a block. Blocks are read in file
order, which is mostly the writer's, but never upwards within a column.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles
from typing import NamedTuple

from index.ingest.pdf.bidi_order import count_rtl_ltr_letters, fix_brackets, line_text
from index.ingest.pdf.glyphs import Glyph

_MAX_RUN_GAP = 1.5
"""Consecutive glyphs of the file that are further apart, in ems, belong to two lines."""
_MAX_LINE_GAP = 0.8
"""Separate lines of the file on one baseline are one line up to this gap, in ems."""
_MAX_LINE_PITCH = 2.6
"""The largest distance of two baselines in a block, in ems; double spacing has 2.3."""
_MAX_BOXES = 1_500
"""A page of more paragraphs (a map, a table of figures) is read in file order."""
_MIN_TABLE_ROW_PITCH = 1.5
"""The smallest distance of two rows of a table, in ems; lines in columns are closer."""
_BULLET = re.compile(r"[•●▪■◦‣⁃\uf0b7*–—-]\s|\(?\d{1,2}[.)]\s")
_BROKEN_WORD = re.compile(r"[^\W\d_]{2,}[-\u00ad\u2010]$")
_SOFT_HYPHEN = "\u00ad"


class TextLine(NamedTuple):
    """Glyphs on one baseline, with their extent and their position in file order."""

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    baseline: float
    size: float
    order: int


class PdfParagraph(NamedTuple):
    """A paragraph's text, its type size in points, and its number of lines."""

    text: str
    size: float
    line_count: int
    top: float
    """The baseline of its first line, in points from the bottom of the page."""
    fills_last_line: bool
    """Whether its last line reaches as far as the others."""


def extract_paragraphs(glyphs: Sequence[Glyph]) -> list[PdfParagraph]:
    """Return a page's paragraphs in reading order."""
    rtl = _is_rtl_text("".join(glyph.text for glyph in glyphs))
    blocks = _group_blocks(_group_lines(glyphs))
    pitch = _line_pitch(blocks)
    parts = [(part, block) for block in blocks for part in _split_paragraphs(block, pitch, rtl=rtl)]
    order = _reading_order([_bounding_box(part) for part, _ in parts], rtl=rtl)
    return [_build_paragraph(*parts[n], rtl=rtl) for n in order]


def _is_rtl_text(text: str, *, page_is_rtl: bool = False) -> bool:
    rtl_letters, ltr_letters = count_rtl_ltr_letters(text)
    return rtl_letters > 0 and (page_is_rtl or rtl_letters >= ltr_letters)


def _group_lines(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Group glyphs that follow each other on one baseline, then join adjacent groups."""
    runs: list[list[Glyph]] = []
    left = right = 0.0
    for glyph in glyphs:
        if runs and _continues_run(runs[-1], left, right, glyph):
            runs[-1].append(glyph)
            left, right = min(left, glyph.left), max(right, glyph.right)
        else:
            runs.append([glyph])
            left, right = glyph.left, glyph.right
    inked = [run for run in runs if any(not glyph.text.isspace() for glyph in run)]
    return _join_adjacent([_build_line(run, order) for order, run in enumerate(inked)])


def _continues_run(run: list[Glyph], left: float, right: float, glyph: Glyph) -> bool:
    size = max(run[0].size, glyph.size)
    gap = max(glyph.left - right, left - glyph.right)
    if glyph.is_mark:
        return gap < size and abs(glyph.baseline - run[0].baseline) < 1.2 * size
    first = next((base for base in run if not base.is_mark), run[0])
    return gap < _MAX_RUN_GAP * size and abs(glyph.baseline - first.baseline) < 0.4 * size


def _build_line(run: list[Glyph], order: int) -> TextLine:
    inked = [glyph for glyph in run if not glyph.text.isspace()]
    main = [glyph for glyph in inked if not glyph.is_mark] or inked
    sizes = sorted(glyph.size for glyph in main)
    size = sizes[len(sizes) // 2]
    baselines = sorted(glyph.baseline for glyph in main)
    return TextLine(
        tuple(run),
        min(glyph.left for glyph in inked),
        max(glyph.right for glyph in inked),
        baselines[len(baselines) // 2],
        size,
        order,
    )


def _join_adjacent(lines: list[TextLine]) -> list[TextLine]:
    """Join adjacent lines on one baseline that are separate in the file."""
    joined: list[TextLine] = []
    for line in sorted(lines, key=lambda item: (-item.baseline, item.left)):
        adjacent_index = next(
            (n for n in range(len(joined) - 1, -1, -1) if _is_adjacent(joined[n], line)), None
        )
        recent = joined[-40:]
        if adjacent_index is None or joined[adjacent_index] not in recent:
            joined.append(line)
        else:
            other = joined[adjacent_index]
            joined[adjacent_index] = _build_line(
                [*other.glyphs, *line.glyphs], min(other.order, line.order)
            )
    return joined


def _is_adjacent(line: TextLine, other: TextLine) -> bool:
    size = max(line.size, other.size)
    gap = max(other.left - line.right, line.left - other.right)
    return abs(line.baseline - other.baseline) < 0.3 * size and gap < _MAX_LINE_GAP * size


def _group_blocks(lines: list[TextLine]) -> list[list[TextLine]]:
    """Append each line to the only block above it that fits, if no other line fits there."""
    lines = sorted(lines, key=lambda line: -line.baseline)
    blocks: list[list[TextLine]] = []
    open_blocks: list[list[TextLine]] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while (
            end < len(lines)
            and lines[start].baseline - lines[end].baseline < 0.5 * lines[start].size
        ):
            end += 1
        row = lines[start:end]
        open_blocks = [
            block
            for block in open_blocks
            if block[-1].baseline - row[0].baseline <= 3 * _MAX_LINE_PITCH * block[-1].size
        ]
        blocks_above = [
            [block for block in open_blocks if _fits_below(block[-1], line)] for line in row
        ]
        for line, above in zip(row, blocks_above, strict=True):
            is_only_fit = (
                len(above) == 1 and sum(above[0] in others for others in blocks_above) == 1
            )
            if is_only_fit and not (len(row) > 1 and _are_table_cells(above[0][-1], line)):
                above[0].append(line)
            else:
                blocks.append([line])
                open_blocks.append(blocks[-1])
        start = end
    return blocks


def _are_table_cells(above: TextLine, line: TextLine) -> bool:
    """Return whether two lines beside others are table cells: few words, widely spaced rows."""
    has_few_words = (
        max(len(line_text(text_line.glyphs, rtl=True).split()) for text_line in (above, line)) <= 4
    )
    return has_few_words and above.baseline - line.baseline >= _MIN_TABLE_ROW_PITCH * line.size


def _fits_below(above: TextLine, line: TextLine) -> bool:
    size = max(above.size, line.size)
    overlap = min(above.right, line.right) - max(above.left, line.left)
    return (
        min(above.size, line.size) > 0.94 * size
        and 0.4 * size < above.baseline - line.baseline <= _MAX_LINE_PITCH * size
        and overlap > 0.3 * min(above.right - above.left, line.right - line.left)
    )


class _Box(NamedTuple):
    left: float
    right: float
    top: float
    bottom: float
    order: int
    is_single_line: bool


def _reading_order(boxes: list[_Box], *, rtl: bool) -> list[int]:
    """Return the indexes of paragraphs in file order, but after those that must precede them."""
    if len(boxes) > _MAX_BOXES:
        return sorted(range(len(boxes)), key=lambda n: boxes[n].order)
    successors: list[list[int]] = [[] for _ in boxes]
    predecessor_counts = [0] * len(boxes)
    for index, box in enumerate(boxes):
        for other_index, other in enumerate(boxes):
            if index != other_index and _comes_before(box, other, rtl=rtl):
                successors[index].append(other_index)
                predecessor_counts[other_index] += 1
    ready = [(box.order, n) for n, box in enumerate(boxes) if not predecessor_counts[n]]
    heapq.heapify(ready)
    ordered: list[int] = []
    remaining = set(range(len(boxes)))
    while remaining:
        if not ready:  # a cycle: file order decides
            ready = [min((boxes[n].order, n) for n in remaining)]
        _, current = heapq.heappop(ready)
        if current not in remaining:
            continue
        remaining.discard(current)
        ordered.append(current)
        for successor in successors[current]:
            predecessor_counts[successor] -= 1
            if not predecessor_counts[successor]:
                heapq.heappush(ready, (boxes[successor].order, successor))
    return ordered


def _bounding_box(block: list[TextLine]) -> _Box:
    return _Box(
        min(line.left for line in block),
        max(line.right for line in block),
        block[0].baseline + 0.7 * block[0].size,
        block[-1].baseline - 0.2 * block[-1].size,
        min(line.order for line in block),
        len(block) == 1,
    )


def _comes_before(box: _Box, other: _Box, *, rtl: bool) -> bool:
    """Say so of what is above in the same column, or first in the same row of a table."""
    if min(box.right, other.right) > max(box.left, other.left):
        return box.bottom >= other.top - 0.5 * (other.top - other.bottom) and box.top > other.top
    same_row = (box.is_single_line or other.is_single_line) and min(box.top, other.top) > max(
        box.bottom, other.bottom
    )
    return same_row and (box.left >= other.right if rtl else box.right <= other.left)


def _line_pitch(blocks: list[list[TextLine]]) -> float:
    """Return the distance of baselines within a paragraph on this page, in ems."""
    steps = [
        (above.baseline - line.baseline) / line.size
        for block in blocks
        for above, line in pairwise(block)
    ]
    return quantiles(steps, n=4)[0] if len(steps) > 1 else max(steps, default=_MAX_LINE_PITCH)


def _split_paragraphs(block: list[TextLine], pitch: float, *, rtl: bool) -> list[list[TextLine]]:
    """Split a block into paragraphs at gaps, indentations, bullets and after short lines."""
    left, right = min(line.left for line in block), max(line.right for line in block)
    parts = [[block[0]]]
    for above, line in pairwise(block):
        step = (above.baseline - line.baseline) / line.size
        inset = right - line.right if rtl else line.left - left
        inset_above = right - above.right if rtl else above.left - left
        is_indented = 0.7 * line.size < inset < 5 * line.size and inset_above < 0.4 * line.size
        free_space = above.left - left if rtl else right - above.right
        ends_early = free_space > _first_word_width(line, rtl=rtl) + 0.5 * line.size
        is_centred = abs(inset_above - free_space) < 2 * line.size and inset_above > line.size
        has_bullet = _BULLET.match(_opening_text(line, rtl=rtl)) is not None
        if step > 1.25 * pitch or has_bullet or is_indented or (ends_early and not is_centred):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _opening_text(line: TextLine, *, rtl: bool) -> str:
    """Return the text of a line's first five glyphs."""
    ordered = sorted(line.glyphs, key=lambda glyph: -glyph.right if rtl else glyph.left)
    return line_text(ordered[:5], rtl=rtl)


def _first_word_width(line: TextLine, *, rtl: bool) -> float:
    """Return the width of the line's first word, which the line above must have had room for."""
    edge, far = (line.right, line.left) if rtl else (line.left, line.right)
    for glyph in sorted(line.glyphs, key=lambda item: -item.centre if rtl else item.centre):
        if glyph.text.isspace() and (glyph.centre < edge - 1 if rtl else glyph.centre > edge + 1):
            return abs(edge - glyph.centre)
    return abs(edge - far)


def _build_paragraph(part: list[TextLine], block: list[TextLine], *, rtl: bool) -> PdfParagraph:
    part_text = "".join(glyph.text for line in part for glyph in line.glyphs)
    paragraph_is_rtl = _is_rtl_text(part_text, page_is_rtl=rtl)
    text = ""
    for line in part:
        text = _append_line(text, line_text(line.glyphs, rtl=paragraph_is_rtl))
    edge = min(line.left for line in block) if rtl else max(line.right for line in block)
    gap_to_edge = part[-1].left - edge if rtl else edge - part[-1].right
    sizes = sorted(line.size for line in part)
    return PdfParagraph(
        fix_brackets(text) if count_rtl_ltr_letters(text)[0] else text,
        sizes[len(sizes) // 2],
        len(part),
        part[0].baseline,
        len(block) > 1 and gap_to_edge < 2 * part[-1].size,
    )


def _append_line(text: str, line: str) -> str:
    """Append a line to the text, and rejoin a hyphenated word."""
    if _BROKEN_WORD.search(text) and line[:1].islower():
        return text[:-1] + line
    return f"{text.rstrip(_SOFT_HYPHEN)} {line}".strip()
