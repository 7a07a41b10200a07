"""Split text into paragraphs: lines, or in hard-wrapped text the blocks between blank lines."""

from __future__ import annotations

import re
from itertools import pairwise

from index.text.spans import Span, trim_span

MAX_WRAP_WIDTH = 100
"""Maximum line length, in characters, of a hard-wrapped text."""
_MIN_FULL_SHARE = 0.6
"""A line is full from this share of the widest line; a hard-wrapped text has this share of full
lines."""
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_LINE_END = re.compile(r"\r\n|[\n\r\u2028]")


def split_paragraphs(text: str, span: Span | None = None) -> list[Span]:
    """Return the paragraphs of `text` (or of its part `span`), trimmed, in order.

    They are the lines, or in a hard-wrapped text the blocks between blank lines.
    """
    start, end = span or Span(0, len(text))
    lines = [
        line
        for match in _LINE.finditer(text, start, end)
        if (line := trim_span(text, match.start(), match.end()))
    ]
    return _join_wrapped_lines(text, lines) if _is_hard_wrapped(text, lines) else lines


def _is_hard_wrapped(text: str, lines: list[Span]) -> bool:
    """Say whether the lines are broken at a fixed width, as in old text files and e-mail."""
    width = max((line.length for line in lines), default=0)
    if len(lines) < 5 or width > MAX_WRAP_WIDTH:
        return False
    inner_lines = [
        line
        for line, next_line in pairwise(lines)
        if not _has_blank_line_between(text, line, next_line)
    ]
    full_lines = [
        line
        for line in inner_lines
        if line.length >= _MIN_FULL_SHARE * width and text[line.end - 1] not in ".!?؟…:"
    ]
    return len(inner_lines) >= 4 and len(full_lines) >= _MIN_FULL_SHARE * len(inner_lines)


def _join_wrapped_lines(text: str, lines: list[Span]) -> list[Span]:
    paragraphs = lines[:1]
    for line in lines[1:]:
        if _has_blank_line_between(text, paragraphs[-1], line):
            paragraphs.append(line)
        else:
            paragraphs[-1] = Span(paragraphs[-1].start, line.end)
    return paragraphs


def _has_blank_line_between(text: str, first: Span, second: Span) -> bool:
    between = text[first.end : second.start]
    return "\u2029" in between or len(_LINE_END.findall(between)) > 1
