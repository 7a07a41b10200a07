"""Detection of contradicting figures in two texts."""

from __future__ import annotations

import pytest

from index.stories.numeric_conflicts import have_conflicting_figures


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مقتل 15 طفلا في نوران", "قتل 16 طفلا وأربع نساء"),
        ("The storm killed 12 sailors.", "Fourteen sailors died."),
        ("أصيب ثلاثة عمال", "أصيب 5 عمال في الميناء"),
        ("Le feu a détruit 7 maisons.", "Neuf maisons ont brûlé."),
        ("Exports rose 5 percent", "Exports rose 5.5 percent"),
        ("100 ألف دينار", "300 ألف دينار"),
        ("ارتفعت 5%", "ارتفعت 7%"),
    ],
)
def test_figures_that_differ_contradict_each_other(one: str, other: str) -> None:
    assert have_conflicting_figures(one, other)
    assert have_conflicting_figures(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مقتل 15 طفلا", "مقتل ١٥ طفلا وامرأتين"),
        ("12 sailors and 3 ships", "Twelve sailors"),
        ("12 sailors", "12 ships"),
        ("Nothing is counted", "12 sailors"),
        ("", ""),
        ("1,200 people", "1200 people"),
        ("twenty-three people", "23 people"),
        ("1.2 million barrels", "1,200,000 barrels"),
        ("قتل 12 شخصا", "قتل اثنا عشر شخصا"),
        ("ثلاثة وعشرون شخصا", "23 شخصا"),
        ("100000 دينار", "100 ألف دينار"),
        ("3000 دينار", "ثلاثة آلاف دينار"),
        ("on Monday in Noran", "on Tuesday in Noran"),
        ("One of the men", "Three of the men"),
        ("since 2011 and the war", "in 2014 and the war"),
        ("The first minister said", "Two ministers said"),
        ("In 2025 exports rose 5 percent", "Exports rose 5% in 2025 percent"),
        ("Noran won 3-1 goals", "Tarsha won 2-1 goals"),
        ("يوم 4 فبراير", "يوم 5 فبراير"),
        ("من جهة ثانية قال", "من جهة أولى قال"),
    ],
)
def test_equal_figures_and_figures_of_other_things_do_not_contradict(one: str, other: str) -> None:
    assert not have_conflicting_figures(one, other)
