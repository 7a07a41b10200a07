"""Where two lists of words go on alike and where they differ: a longest common subsequence.

Computed a row at a time in the bits of one integer (Hyyrö, "Bit-parallel LCS-length computation
revisited", 2004), so that its cost is the product of both lengths whatever is in them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple


class DiffHunk(NamedTuple):
    """A place where the lists differ: the first has `[start:end]`, the second `[begin:stop]`."""

    start: int
    end: int
    begin: int
    stop: int

    @property
    def size(self) -> int:
        """The number of items that stand here on the longer side."""
        return max(self.end - self.start, self.stop - self.begin)


def hunks(
    first: Sequence[Hashable], second: Sequence[Hashable], most: int
) -> list[DiffHunk] | None:
    """Return where the lists differ, in order; None where that would take over `most` steps.

    A step is one item of one list against one of the other; what both begin and end with takes
    none. Items between two differences are part of the difference where they are no more than
    it has on either side: words that two unlike sentences happen to share do not divide them.
    """
    left = _alike_at_the_start(first, second)
    shorter = min(len(first), len(second))
    right = _alike_at_the_end(first, second, shorter - left)
    inner, other = first[left : len(first) - right], second[left : len(second) - right]
    if len(inner) * len(other) > most:
        return None
    matched = [(left + at, left + there) for at, there in _matched(inner, other)]
    ends = [(left - 1, left - 1), *matched, (len(first) - right, len(second) - right)]
    found = [
        DiffHunk(at + 1, next_at, there + 1, next_there)
        for (at, there), (next_at, next_there) in pairwise(ends)
        if (next_at, next_there) != (at + 1, there + 1)
    ]
    return _joined(found)


def _alike_at_the_start(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _alike_at_the_end(first: Sequence[Hashable], second: Sequence[Hashable], most: int) -> int:
    count = 0
    while count < most and first[-1 - count] == second[-1 - count]:
        count += 1
    return count


def _matched(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the places of the items in a longest common subsequence, in order."""
    places: dict[Hashable, int] = {}
    for at, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << at
    full = (1 << len(first)) - 1
    row, rows = full, []
    for item in second:
        shared = row & places.get(item, 0)
        row = ((row + shared) | (row - shared)) & full
        rows.append(row)
    at, there = len(first), len(second)
    found = []
    while at and there:
        if rows[there - 1] >> (at - 1) & 1:
            at -= 1
            continue
        there -= 1
        if there == 0 or rows[there - 1] >> (at - 1) & 1:
            at -= 1
            found.append((at, there))
    return found[::-1]


def _joined(found: list[DiffHunk]) -> list[DiffHunk]:
    """Join differences with what little is alike between them."""
    joined: list[DiffHunk] = []
    for hunk in found:
        joined.append(hunk)
        while len(joined) > 1:
            before, last = joined[-2:]
            if last.start - before.end > min(before.size, last.size):
                break
            joined[-2:] = [DiffHunk(before.start, last.end, before.begin, last.stop)]
    return joined
