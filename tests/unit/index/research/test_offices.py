"""Offices of invented people, and what is none."""

from __future__ import annotations

import pytest

from index.research.offices import find_office
from index.text.spans import Span


@pytest.mark.parametrize(
    ("sentence", "name", "office"),
    [
        (
            "قال رئيس المجلس البلدي في نوران سالم الدرويش ذلك",
            "سالم الدرويش",
            "رئيس المجلس البلدي في نوران",
        ),
        ("وصل قائد الحرس، العقيد سالم الدرويش، أمس", "سالم الدرويش", "قائد الحرس، العقيد"),
        (
            "عاد سالم الدرويش، مبعوث البعثة إلى نوران، أمس",
            "سالم الدرويش",
            "، مبعوث البعثة إلى نوران",
        ),
        ("Then Prime Minister Salem Darwish left", "Salem Darwish", "Prime Minister"),
        ("Salem Darwish, the head of the port, left", "Salem Darwish", ", the head of the port"),
        ("le maire Salem Darwish est parti", "Salem Darwish", "maire"),
        ("التقى رئيس المجلس مع سالم الدرويش", "سالم الدرويش", None),
        ("رئيس المجلس التقى سالم الدرويش", "سالم الدرويش", None),
        ("The president met Salem Darwish", "Salem Darwish", None),
        ("Salem Darwish, who left, is tired", "Salem Darwish", None),
    ],
)
def test_an_office_counts_only_where_it_surely_belongs_to_the_name(
    sentence: str, name: str, office: str | None
) -> None:
    start = sentence.index(name)
    found = find_office(sentence, Span(start, start + len(name)))
    assert (found and found.slice(sentence).replace(name, "").strip()) == office
