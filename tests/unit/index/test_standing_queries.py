"""Whether two standing queries are spellings of the same names."""

from __future__ import annotations

import pytest

from index.standing_queries import is_same_query
from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry

MARWAN = GazetteerEntry(
    kind="person",
    ar=("مروان الحديدي", "الحديدي"),
    en=("Marwan al-Hadidi", "Hadidi"),
    fr=("Marwan Hédidi",),
    unverified=("مروان الحديدي", "الحديدي", "Marwan al-Hadidi", "Hadidi", "Marwan Hédidi"),
)
GAZETTEER = Gazetteer(GazetteerConfig(name=(MARWAN,)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("الحديدي", "hadidi", True),
        ("مروان الحديدي", "Marwan Hédidi", True),
        ("Hadidi", "Marwan al-Hadidi", False),
        ("الدرويشة", "الدرويشه", True),
        ("الدرويش", "Darwish", True),
        ("سالم الدرويش", "Salem Darwish", True),
        ("Salem Darwish", "Salim Darwish", False),
        ("Darwish", "Haddad", False),
        ("border security", "Border  Security", True),
        ("border security", "border crossings", False),
        ("؟", "!", False),
    ],
)
def test_spellings_of_one_name_are_one_query(one: str, other: str, *, same: bool) -> None:
    assert is_same_query(one, other, GAZETTEER) is same
    assert is_same_query(other, one, GAZETTEER) is same
