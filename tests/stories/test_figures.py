"""Two texts that count the same thing and come to different numbers."""

from __future__ import annotations

import pytest

from index.stories.figures import contradict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مقتل 15 طفلا في نوران", "قتل 16 طفلا وأربع نساء"),
        ("The storm killed 12 sailors.", "Fourteen sailors died."),
        ("أصيب ثلاثة عمال", "أصيب 5 عمال في الميناء"),
        ("Le feu a détruit 7 maisons.", "Neuf maisons ont brûlé."),
    ],
)
def test_figures_that_differ_contradict_each_other(one: str, other: str) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مقتل 15 طفلا", "مقتل ١٥ طفلا وامرأتين"),
        ("12 sailors and 3 ships", "Twelve sailors"),
        ("12 sailors", "12 ships"),
        ("Nothing is counted", "12 sailors"),
        ("", ""),
    ],
)
def test_the_same_figures_and_those_of_other_things_do_not(one: str, other: str) -> None:
    assert not contradict(one, other)
