"""Compare two word lists by their longest common subsequence.

Each row is computed in the bits of one integer (Hyyrö, "Bit-parallel LCS-length computation
revisited", 2004), so the cost is the product of both lengths, whatever the lists contain.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple


class DiffHunk(NamedTuple):
    """A difference between two lists: a range of the first, and the range of the second there."""

    first_start: int
    first_end: int
    second_start: int
    second_end: int

    @property
    def size(self) -> int:
        """Number of items on the longer side."""
        return max(self.first_end - self.first_start, self.second_end - self.second_start)


def diff_hunks(
    first: Sequence[Hashable], second: Sequence[Hashable], max_steps: int
) -> list[DiffHunk] | None:
    """Return the differences in order, or None if comparing would take over `max_steps` steps.

    A step compares one item of each list; a common beginning or end takes none. Equal items
    between two differences are merged into them where they are no more than either difference:
    words that two unlike sentences happen to share do not divide them.
    """
    prefix_length = _common_prefix_length(first, second)
    shorter = min(len(first), len(second))
    suffix_length = _common_suffix_length(first, second, shorter - prefix_length)
    first_inner, second_inner = (
        first[prefix_length : len(first) - suffix_length],
        second[prefix_length : len(second) - suffix_length],
    )
    if len(first_inner) * len(second_inner) > max_steps:
        return None
    matches = [
        (prefix_length + first_index, prefix_length + second_index)
        for first_index, second_index in _lcs_index_pairs(first_inner, second_inner)
    ]
    boundaries = [
        (prefix_length - 1, prefix_length - 1),
        *matches,
        (len(first) - suffix_length, len(second) - suffix_length),
    ]
    hunks = [
        DiffHunk(first_index + 1, next_first_index, second_index + 1, next_second_index)
        for (first_index, second_index), (next_first_index, next_second_index) in pairwise(
            boundaries
        )
        if (next_first_index, next_second_index) != (first_index + 1, second_index + 1)
    ]
    return _merge_hunks(hunks)


def _common_prefix_length(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _common_suffix_length(
    first: Sequence[Hashable], second: Sequence[Hashable], max_length: int
) -> int:
    count = 0
    while count < max_length and first[-1 - count] == second[-1 - count]:
        count += 1
    return count


def _lcs_index_pairs(
    first: Sequence[Hashable], second: Sequence[Hashable]
) -> list[tuple[int, int]]:
    """Return the index pairs of a longest common subsequence, in order."""
    position_bits: dict[Hashable, int] = {}
    for first_index, item in enumerate(first):
        position_bits[item] = position_bits.get(item, 0) | 1 << first_index
    mask = (1 << len(first)) - 1
    row, rows = mask, []
    for item in second:
        matching_bits = row & position_bits.get(item, 0)
        row = ((row + matching_bits) | (row - matching_bits)) & mask
        rows.append(row)
    first_index, second_index = len(first), len(second)
    index_pairs = []
    while first_index and second_index:
        if rows[second_index - 1] >> (first_index - 1) & 1:
            first_index -= 1
            continue
        second_index -= 1
        if second_index == 0 or rows[second_index - 1] >> (first_index - 1) & 1:
            first_index -= 1
            index_pairs.append((first_index, second_index))
    return index_pairs[::-1]


def _merge_hunks(hunks: list[DiffHunk]) -> list[DiffHunk]:
    """Merge adjacent differences that only a few equal items separate."""
    merged: list[DiffHunk] = []
    for hunk in hunks:
        merged.append(hunk)
        while len(merged) > 1:
            before, last = merged[-2:]
            if last.first_start - before.first_end > min(before.size, last.size):
                break
            merged[-2:] = [
                DiffHunk(before.first_start, last.first_end, before.second_start, last.second_end)
            ]
    return merged
