from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.text.diff import DiffHunk, diff_hunks

LISTS = st.lists(st.sampled_from("abcd"), max_size=14)


def common_length(one: list[str], other: list[str]) -> int:
    """The length of a longest common subsequence, as textbooks compute it."""
    row = [0] * (len(other) + 1)
    for item in one:
        new = [0]
        for at, its in enumerate(other):
            new.append(row[at] + 1 if item == its else max(row[at + 1], new[at]))
        row = new
    return row[-1]


@given(LISTS, LISTS)
def test_items_between_differences_are_equal_and_the_subsequence_is_longest(
    one: list[str], other: list[str]
) -> None:
    hunks = diff_hunks(one, other, 1_000)
    assert hunks is not None
    at = there = matched = 0
    for hunk in hunks:
        assert one[at : hunk.first_start] == other[there : hunk.second_start]
        assert hunk.size > 0
        matched += hunk.first_start - at
        at, there = hunk.first_end, hunk.second_end
    assert one[at:] == other[there:]
    assert matched + len(one) - at <= common_length(one, other)
    if all(hunk.size == 1 for hunk in hunks):
        assert matched + len(one) - at == common_length(one, other)


def test_replaced_added_and_removed_words_are_differences() -> None:
    assert diff_hunks(
        ["a", "b", "c", "d", "e", "f", "g"], ["a", "X", "c", "d", "f", "g", "h"], 1_000
    ) == [
        DiffHunk(1, 2, 1, 2),
        DiffHunk(4, 5, 4, 4),
        DiffHunk(7, 7, 6, 7),
    ]


def test_words_that_two_unlike_sentences_share_do_not_divide_them() -> None:
    one, other = (
        ["begin", "p", "q", "in", "r", "s", "end", "end"],
        ["begin", "t", "u", "in", "v", "w", "end", "end"],
    )
    assert diff_hunks(one, other, 1_000) == [DiffHunk(1, 6, 1, 6)]


def test_comparing_stops_at_the_maximum_steps() -> None:
    one, other = list("xaaaay"), list("zbbbbw")
    assert diff_hunks(one, other, 35) is None
    assert diff_hunks(one, other, 36) == [DiffHunk(0, 6, 0, 6)]
    assert diff_hunks(["s"] * 1_000 + one, ["s"] * 1_000 + other, 36) == [
        DiffHunk(1_000, 1_006, 1_000, 1_006)
    ]
