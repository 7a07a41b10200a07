"""What is the same to the index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.normalise import fold

MIXED = st.text(alphabet="اأإآٱةهوؤيئىیکكـ\u0654\u0655\u0653\u064b\u200bßİŉﷺﻻﹱΣς٣۴ \u00a0ʼǰ")


@pytest.mark.parametrize(
    ("shown", "folded"),
    [
        ("أُمَّةٌ", "امه"),
        ("إدارة", "اداره"),
        ("آثار", "اثار"),
        ("ٱلوفد", "الوفد"),
        ("مرسى", "مرسي"),
        ("کی", "كي"),
        ("الـــوفد", "الوفد"),
        ("٢٠٢٦ ۲۰۲۶", "2026 2026"),
        ("ﺍﻟﻮﻓﺪ", "الوفد"),
        ("مسؤول شؤون هيئة", "مسؤول شؤون هيئه"),
        ("\u200fالوفد\u202e", "الوفد"),
        ("  Émissaire\tDE L'Été ", "emissaire de l'ete"),
        ("STRASSE straße", "strasse strasse"),
    ],
)
def test_folding_removes_letter_variants(shown: str, folded: str) -> None:
    assert fold(shown) == folded


@given(st.one_of(st.text(), MIXED))
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("unit", ["قال سالم ", "\u0301\u0323", "\u0f73", "ﷺ", "é", "\u0654\u0655"])
@pytest.mark.usefixtures("must_end")
def test_half_a_million_characters_are_folded_without_a_hang(unit: str) -> None:
    assert fold("ا" + unit * (500_000 // len(unit))).startswith("ا")
