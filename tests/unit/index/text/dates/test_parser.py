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


def day(found: ParsedDate) -> date:
    return found.published.date() if isinstance(found.published, datetime) else found.published


def rows(table: str) -> list[list[str]]:
    return [
        line.rsplit(" |", 2 if table is UNCERTAIN else 1) for line in table.strip().splitlines()
    ]


def said(found: ParsedDate) -> str:
    return found.published.isoformat()


@pytest.mark.parametrize(("raw", "means"), rows(CERTAIN))
def test_a_date_that_means_one_day_is_certain(raw: str, means: str) -> None:
    found = read(raw)
    assert found is not None
    assert (said(found), found.certain, found.alternatives) == (means.strip(), True, ())


@pytest.mark.parametrize(("raw", "means", "others"), rows(UNCERTAIN))
def test_a_date_that_may_mean_another_day_says_which(raw: str, means: str, others: str) -> None:
    found = read(raw)
    assert found is not None
    assert (said(found), found.certain) == (means.strip(), False)
    assert [other.isoformat() for other in found.alternatives][:5] == others.split()[:5]


@pytest.mark.parametrize("raw", NONE.strip().splitlines())
def test_what_no_day_can_be_told_from_is_not_read(raw: str) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    ("raw", "hint", "means"),
    [
        ("02/05/2016", date(2016, 2, 5), "2016-02-05"),
        ("02/05/2016", date(2016, 5, 2), "2016-05-02"),
        ("15/5/1439 هـ", date(2018, 2, 2), "2018-02-02"),
        ("4 فبراير", date(2023, 2, 4), "2023-02-04"),
        ("منذ 3 أيام", date(2026, 3, 2), "2026-03-02"),
        ("4 مايو 2016 - 6 مايو 2016", date(2016, 5, 6), "2016-05-06"),
    ],
)
def test_the_one_reading_that_a_hint_agrees_with_is_certain(
    raw: str, hint: date, means: str
) -> None:
    found = read(raw, hint)
    assert found is not None
    assert (said(found), found.certain) == (means, True)


def test_a_hint_of_another_day_leaves_a_doubt() -> None:
    assert read("4 مايو 2016", date(2016, 5, 9)) == (date(2016, 5, 4), False, ())
    assert read("4 مايو 2016", date(2016, 5, 5)) == (date(2016, 5, 4), True, ())


@given(st.dates(date(1990, 1, 1), date(2025, 12, 31)), st.sampled_from(sorted(MONTH_BY_NAME)))
def test_every_name_of_a_month_reads_as_its_month(true: date, name: str) -> None:
    true = true.replace(month=MONTH_BY_NAME[name], day=min(true.day, 28))
    assert read(f"{true.day} {name} {true.year}") == (true, True, ())


@given(st.dates(date(1990, 1, 1), date(2026, 3, 5)), st.sampled_from("/-."))
def test_a_date_in_numbers_is_never_certain_of_a_wrong_day(true: date, mark: str) -> None:
    for order in ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y"):
        found = read(true.strftime(order.format(mark)))
        assert found is not None
        assert day(found) == true or (not found.certain and true in found.alternatives)


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
def test_no_text_makes_the_reading_fail(raw: str, hint: date | None) -> None:
    found = read(raw, hint)
    if found is not None:
        assert found.published not in found.alternatives
        assert not (found.certain and found.alternatives)


@given(st.text(max_size=5), PIECES.map(" ".join), st.text(max_size=5), st.booleans())
def test_a_date_at_the_head_ends_inside_its_line(
    before: str, line: str, after: str, labelled: bool
) -> None:
    text = f"{before}{line}{after}\n4 مايو 2016 21:05"
    found = read_leading_date(text, len(before), has_label=labelled)
    assert found is None or len(before) < found.end <= max(text.rfind("\n"), 0)


@pytest.mark.parametrize("piece", ["1 ", "1/", "م ", "2016-", "ِ", "منذ 3 ", " ", "12:", "مايو/"])
def test_a_very_long_text_is_read_no_further_than_a_line_goes(piece: str) -> None:
    read(piece * 100_000)
    assert read(f"4 مايو 2016 {piece * 100_000}") is not None


def test_the_raw_dates_of_real_feeds_and_pages_are_read() -> None:
    folder = os.environ.get("BRIEFING_EVAL_DIR")
    if not folder:
        pytest.skip("BRIEFING_EVAL_DIR is not set")
    path = Path(folder) / "hard" / "dates" / "raw_pubdate_vs_docid.jsonl"
    labelled = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    told = [(read(line["raw"]), date.fromisoformat(line["docid_date"])) for line in labelled]
    right = sum(found is not None and day(found) == true for found, true in told)
    assert right / len(told) >= 0.95
    assert not [true for found, true in told if found and found.certain and day(found) != true]
