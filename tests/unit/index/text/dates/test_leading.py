"""The date at the beginning of a text."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.dates.leading import read_leading_date

at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("الأربعاء 4 فبراير 2026 12:51 مساءً", at("2026-02-04T12:51")),
        ("4 فبراير 2026 12:05 صباحا", at("2026-02-04T00:05")),
        ("4 شباط 2026", date(2026, 2, 4)),
        ("4 فيفري 2026", date(2026, 2, 4)),
        ("4 النوار 2026", date(2026, 2, 4)),
        ("1 آب 2026", date(2026, 8, 1)),
        ("1 هانيبال 2026", date(2026, 8, 1)),
        ("5 تشرين الأول 2026", date(2026, 10, 5)),
        ("5 تشرين الثاني 2026", date(2026, 11, 5)),
        ("٥ مايو ٢٠٢٦ الساعة ١٤:٣٠", at("2026-05-05T14:30")),
        ("4th February 2026, 12:51", at("2026-02-04T12:51")),
        ("Wed 4 February 2026", date(2026, 2, 4)),
        ("1er février 2026 à 8h05", at("2026-02-01T08:05")),
        ("4 Feb. 2026 1:05 p.m.", at("2026-02-04T13:05")),
        ("الخميس 4 فبراير 2026", None),  # it was a Wednesday
        ("31 فبراير 2026", None),
        ("4 كلمة 2026", None),
        ("4 فبراير 2026 25:00", None),
        ("4 فبراير 20261", None),
        ("", None),
    ],
)
def test_date_at_the_beginning_is_read(text: str, published: date | None) -> None:
    leading_date = read_leading_date(text, 0)
    assert (leading_date and leading_date.published) == published


def test_reading_stops_where_the_date_ends() -> None:
    text = "قال: 4 فبراير 2026 12:51 مساءً وصل الوفد"
    leading_date = read_leading_date(text, 5)
    assert leading_date is not None
    assert text[leading_date.end :] == " وصل الوفد"


@given(st.text(alphabet="0123456789٤ :.،فبرايرمساءًsFebruaryat-"))
def test_no_text_raises(text: str) -> None:
    read_leading_date(text, 0)
    read_leading_date(f"4 فبراير 2026 {text}", 0)
