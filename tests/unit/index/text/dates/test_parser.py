"""What day a source means by its date."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.dates.leading import read_leading_date
from index.text.dates.name_patterns import MONTH_BY_NAME, WEEKDAY_BY_NAME
from index.text.dates.parser import ParsedDate, read_date
from tests.fixtures.dates import CERTAIN, NONE, UNCERTAIN

at = datetime.fromisoformat
NOW = at("2026-03-05T14:20:00+02:00")  # a Thursday


def read(raw: str, hint: date | None = None) -> ParsedDate | None:
    return read_date(raw, now=NOW, hint=hint)


def day(parsed: ParsedDate) -> date:
    return parsed.published.date() if isinstance(parsed.published, datetime) else parsed.published


def rows(table: str) -> list[list[str]]:
    return [
        line.rsplit(" |", 2 if table is UNCERTAIN else 1) for line in table.strip().splitlines()
    ]


def iso_text(parsed: ParsedDate) -> str:
    return parsed.published.isoformat()


@pytest.mark.parametrize(("raw", "expected"), rows(CERTAIN))
def test_unambiguous_date_is_certain(raw: str, expected: str) -> None:
    parsed = read(raw)
    assert parsed is not None
    assert (iso_text(parsed), parsed.certain, parsed.alternatives) == (expected.strip(), True, ())


@pytest.mark.parametrize(("raw", "expected", "others"), rows(UNCERTAIN))
def test_ambiguous_date_has_alternatives(raw: str, expected: str, others: str) -> None:
    parsed = read(raw)
    assert parsed is not None
    assert (iso_text(parsed), parsed.certain) == (expected.strip(), False)
    assert [other.isoformat() for other in parsed.alternatives][:5] == others.split()[:5]


@pytest.mark.parametrize("raw", NONE.strip().splitlines())
def test_text_without_a_day_is_not_read(raw: str) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    ("raw", "hint", "expected"),
    [
        ("02/05/2016", date(2016, 2, 5), "2016-02-05"),
        ("02/05/2016", date(2016, 5, 2), "2016-05-02"),
        ("15/5/1439 هـ", date(2018, 2, 2), "2018-02-02"),
        ("4 فبراير", date(2023, 2, 4), "2023-02-04"),
        ("منذ 3 أيام", date(2026, 3, 2), "2026-03-02"),
        ("4 مايو 2016 - 6 مايو 2016", date(2016, 5, 6), "2016-05-06"),
    ],
)
def test_only_reading_that_agrees_with_the_hint_is_certain(
    raw: str, hint: date, expected: str
) -> None:
    parsed = read(raw, hint)
    assert parsed is not None
    assert (iso_text(parsed), parsed.certain) == (expected, True)


def test_hint_of_another_day_makes_the_date_uncertain() -> None:
    assert read("4 مايو 2016", date(2016, 5, 9)) == (date(2016, 5, 4), False, ())
    assert read("4 مايو 2016", date(2016, 5, 5)) == (date(2016, 5, 4), True, ())


@given(st.dates(date(1990, 1, 1), date(2025, 12, 31)), st.sampled_from(sorted(MONTH_BY_NAME)))
def test_every_month_name_is_read(true: date, name: str) -> None:
    true = true.replace(month=MONTH_BY_NAME[name], day=min(true.day, 28))
    assert read(f"{true.day} {name} {true.year}") == (true, True, ())


@given(st.dates(date(1990, 1, 1), date(2026, 3, 5)), st.sampled_from("/-."))
def test_numeric_date_is_never_certain_of_a_wrong_day(true: date, mark: str) -> None:
    for order in ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y"):
        parsed = read(true.strftime(order.format(mark)))
        assert parsed is not None
        assert day(parsed) == true or (not parsed.certain and true in parsed.alternatives)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [*sorted(MONTH_BY_NAME), *WEEKDAY_BY_NAME, *"0123456789", *" /-.:،T", "2016", "1439"]
        ),
        st.sampled_from(
            ["ه", "ago", "منذ", "hours", "مساء", "GMT", "+02:00", "هـ", "of", "العاشر"]
        ),
        st.text(max_size=3),
    ),
    max_size=12,
)


@given(st.text() | PIECES.map("".join) | PIECES.map(" ".join), st.none() | st.dates())
def test_no_text_raises(raw: str, hint: date | None) -> None:
    parsed = read(raw, hint)
    if parsed is not None:
        assert parsed.published not in parsed.alternatives
        assert not (parsed.certain and parsed.alternatives)


@given(st.text(max_size=5), PIECES.map(" ".join), st.text(max_size=5), st.booleans())
def test_leading_date_ends_inside_its_line(
    before: str, line: str, after: str, labelled: bool
) -> None:
    text = f"{before}{line}{after}\n4 مايو 2016 21:05"
    parsed = read_leading_date(text, len(before), has_label=labelled)
    assert parsed is None or len(before) < parsed.end <= max(text.rfind("\n"), 0)


@pytest.mark.parametrize("piece", ["1 ", "1/", "م ", "2016-", "ِ", "منذ 3 ", " ", "12:", "مايو/"])
def test_very_long_text_is_read_only_to_the_maximum_length(piece: str) -> None:
    read(piece * 100_000)
    assert read(f"4 مايو 2016 {piece * 100_000}") is not None


def test_raw_dates_of_real_feeds_and_pages_are_read() -> None:
    folder = os.environ.get("BRIEFING_EVAL_DIR")
    if not folder:
        pytest.skip("BRIEFING_EVAL_DIR is not set")
    path = Path(folder) / "hard" / "dates" / "raw_pubdate_vs_docid.jsonl"
    labelled = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    results = [(read(line["raw"]), date.fromisoformat(line["docid_date"])) for line in labelled]
    right = sum(parsed is not None and day(parsed) == true for parsed, true in results)
    assert right / len(results) >= 0.95
    assert not [
        true for parsed, true in results if parsed and parsed.certain and day(parsed) != true
    ]
