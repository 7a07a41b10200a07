"""What an archive holds, by source and time."""

from __future__ import annotations

from datetime import date

from index.research.archive_overview import MAX_SOURCES, SourceCount, build_archive_overview
from tests.fixtures.messages import STATS


def test_the_largest_sources_come_first_and_those_without_a_name_are_one_of_them() -> None:
    small: dict[str | None, int] = {f"source {number}": 1 for number in range(MAX_SOURCES)}
    overview = build_archive_overview(
        STATS, {date(2026, 1, 7): 8}, {"The Noran Courier": 7, None: 9, **small}
    )
    assert overview.sources[:2] == (SourceCount(None, 9), SourceCount("The Noran Courier", 7))
    assert len(overview.sources) == MAX_SOURCES
    assert overview.source_count == MAX_SOURCES + 1
