"""Where paragraphs end: at a line's end, or at a blank line in a text that is hard-wrapped."""

from __future__ import annotations

import re
from itertools import pairwise

from index.text.spans import Span, trimmed

WIDEST_WRAP = 100
"""Lines of a hard-wrapped text are at most so many characters long."""
_FULL = 0.6
"""A line is full from this share of the widest; so is a text whose lines are, in this share."""
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_LINE_END = re.compile(r"\r\n|[\n\r\u2028]")


def paragraphs(text: str, within: Span | None = None) -> list[Span]:
    """Return the paragraphs: the lines, or in a hard-wrapped text what blank lines divide."""
    start, end = within or Span(0, len(text))
    lines = [
        line
        for match in _LINE.finditer(text, start, end)
        if (line := trimmed(text, match.start(), match.end()))
    ]
    return _unwrapped(text, lines) if _is_hard_wrapped(text, lines) else lines


def _is_hard_wrapped(text: str, lines: list[Span]) -> bool:
    """Say whether the lines were broken at a fixed width, as in old text files and mail."""
    width = max((line.length for line in lines), default=0)
    if len(lines) < 5 or width > WIDEST_WRAP:
        return False
    inner = [
        line
        for line, following in pairwise(lines)
        if not _blank_line_between(text, line, following)
    ]
    full = [
        line
        for line in inner
        if line.length >= _FULL * width and text[line.end - 1] not in ".!?؟…:"
    ]
    return len(inner) >= 4 and len(full) >= _FULL * len(inner)


def _unwrapped(text: str, lines: list[Span]) -> list[Span]:
    joined = lines[:1]
    for line in lines[1:]:
        if _blank_line_between(text, joined[-1], line):
            joined.append(line)
        else:
            joined[-1] = Span(joined[-1].start, line.end)
    return joined


def _blank_line_between(text: str, first: Span, second: Span) -> bool:
    between = text[first.end : second.start]
    return "\u2029" in between or len(_LINE_END.findall(between)) > 1
