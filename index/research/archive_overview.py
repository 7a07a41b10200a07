"""Describe what the archive holds: its articles by source and by time of publication."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from index.models import ArchiveStats
from index.research.period_counts import PeriodCounts, count_by_period

MAX_SOURCES = 8
"""Maximum number of sources that are named."""


class SourceCount(NamedTuple):
    """A source, None if unknown, and the number of its articles."""

    source: str | None
    article_count: int


class ArchiveOverview(NamedTuple):
    """The archive's size, its articles by period and those of its largest sources."""

    stats: ArchiveStats
    periods: PeriodCounts
    sources: tuple[SourceCount, ...]
    """The sources with the most articles, in descending order."""
    source_count: int
    """The number of known sources."""


def build_archive_overview(
    stats: ArchiveStats,
    articles_by_day: Mapping[date, int],
    articles_by_source: Mapping[str | None, int],
) -> ArchiveOverview:
    """Return the overview of an archive with these numbers of articles by day and by source."""
    ranked = sorted(articles_by_source.items(), key=lambda item: (-item[1], item[0] or ""))
    return ArchiveOverview(
        stats,
        count_by_period(articles_by_day),
        tuple(SourceCount(*item) for item in ranked[:MAX_SOURCES]),
        sum(source is not None for source in articles_by_source),
    )
