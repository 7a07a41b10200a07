"""Split an article's text into passages: the unit that is embedded, retrieved and quoted."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.text.segmentation.paragraphs import split_paragraphs
from index.text.segmentation.sentences import split_paragraph_sentences
from index.text.spans import Span, has_words, trim_span

MAX_SENTENCES = 4
MAX_QUOTE_LENGTH = 900
"""Maximum characters of a passage; a longer sentence is cut at a clause end."""
SHORT_PARAGRAPH = 300
"""A paragraph under this many characters may share a passage with the next one.

Chosen by measurement: see docs/evaluation.md, "The unit"."""

_CLAUSE_END = re.compile(r"[؛;،,:–—]\s+|\n")
_SPACES = " \u00a0\u202f\t\n\r"
_MAX_BALANCED_SENTENCES = 48
"""A paragraph of more sentences is balanced in chunks, so that the cost stays linear."""
_MAX_GRAPHEME_LENGTH = 32
"""A letter and its combining marks are kept together up to this many code points."""


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """Span of a passage and of its sentences, as offsets in the article's text."""

    start: int
    end: int
    sentences: tuple[Span, ...]


def split_passages(
    text: str, body: Span | None = None, left_out: Collection[Span] = ()
) -> list[PassageSpan]:
    """Return the passages of `text` (or of its part `body`), in order and without overlap.

    No passage contains a paragraph of `left_out`, or goes on beyond one.

    A passage is an exact slice of 1-4 sentences and at most `MAX_QUOTE_LENGTH` characters. It may
    span several short paragraphs. Sentences without a letter or digit, such as a line of dashes,
    are left out, unless the text has no others.
    """
    span = body or Span(0, len(text))
    return list(
        _iter_passages(text, span, frozenset(left_out), keep_wordless=not has_words(text, *span))
    )


def _iter_passages(
    text: str, body: Span, left_out: frozenset[Span], *, keep_wordless: bool
) -> Iterator[PassageSpan]:
    pending: list[Span] = []
    for paragraph in split_paragraphs(text, body):
        if paragraph in left_out:
            if pending:
                yield _build_passage(pending)
            pending = []
            continue
        pieces = [
            piece
            for sentence in split_paragraph_sentences(text, paragraph)
            for piece in split_clauses(text, sentence)
            if keep_wordless or has_words(text, *piece)
        ]
        if not pieces:
            continue
        if pending and not _fits_passage([*pending, *pieces]):
            yield _build_passage(pending)
            pending = []
        groups = _group_sentences([*pending, *pieces])
        for group in groups[:-1]:
            yield _build_passage(group)
        pending = groups[-1]
        if _extent_length(pending) >= SHORT_PARAGRAPH:
            yield _build_passage(pending)
            pending = []
    if pending:
        yield _build_passage(pending)


def _group_sentences(pieces: list[Span]) -> list[list[Span]]:
    """Divide sentences into the fewest groups that fit a passage, of about equal length."""
    if len(pieces) > _MAX_BALANCED_SENTENCES:
        return [
            group
            for first in range(0, len(pieces), _MAX_BALANCED_SENTENCES)
            for group in _group_sentences(pieces[first : first + _MAX_BALANCED_SENTENCES])
        ]
    for count in range(-(-len(pieces) // MAX_SENTENCES), len(pieces) + 1):
        groups = _split_evenly(pieces, count)
        if all(_fits_passage(group) for group in groups):
            return groups
    return [[piece] for piece in pieces]


def _split_evenly(pieces: list[Span], count: int) -> list[list[Span]]:
    target_length = _extent_length(pieces) / count
    groups: list[list[Span]] = [[] for _ in range(count)]
    for piece in pieces:
        middle = (piece.start + piece.end) / 2 - pieces[0].start
        groups[min(count - 1, int(middle / target_length))].append(piece)
    return [group for group in groups if group]


def _fits_passage(pieces: list[Span]) -> bool:
    return len(pieces) <= MAX_SENTENCES and _extent_length(pieces) <= MAX_QUOTE_LENGTH


def _extent_length(pieces: list[Span]) -> int:
    return pieces[-1].end - pieces[0].start


def _build_passage(pieces: list[Span]) -> PassageSpan:
    return PassageSpan(pieces[0].start, pieces[-1].end, tuple(pieces))


def split_clauses(text: str, sentence: Span) -> list[Span]:
    """Return `sentence`, cut at clause ends, spaces or anywhere if it is too long for a quote."""
    if sentence.length <= MAX_QUOTE_LENGTH:
        return [sentence]
    cuts = [sentence.start]
    ends = [match.end() for match in _CLAUSE_END.finditer(text, *sentence)]
    while sentence.end - cuts[-1] > MAX_QUOTE_LENGTH:
        cuts.append(_find_cut(text, cuts[-1], ends))
    cuts.append(sentence.end)
    return [piece for start, end in pairwise(cuts) if (piece := trim_span(text, start, end))]


def _find_cut(text: str, start: int, clause_ends: list[int]) -> int:
    """Return the end of the part from `start`, at most `MAX_QUOTE_LENGTH` characters later."""
    max_end = start + MAX_QUOTE_LENGTH
    nearest = bisect_right(clause_ends, max_end) - 1
    if nearest >= 0 and clause_ends[nearest] >= start + MAX_QUOTE_LENGTH // 4:
        return clause_ends[nearest]
    space = max(text.rfind(space, start + 1, max_end) for space in _SPACES)
    if space > start:
        return space + 1
    for cut in range(max_end, max(start, max_end - _MAX_GRAPHEME_LENGTH), -1):
        if not _joins_previous(text[cut - 1], text[cut]):
            return cut
    return max_end


def _joins_previous(previous: str, char: str) -> bool:
    """Say whether `char` combines with the character before it into one grapheme."""
    return (
        unicodedata.category(char).startswith("M")
        or char in "\u200c\u200d"
        or previous == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )
