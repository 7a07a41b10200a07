"""Data classes: a story (articles that report one event) and the explanation of its rank."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from index.models import Article, Quote


class RankExplanation(BaseModel):
    """The parts of a story's ranking score, which is the sum of the three scores."""

    model_config = ConfigDict(frozen=True)

    independent_sources: int
    """The number of independent sources; sources that print the same words count once."""
    source_score: float
    """log2 of `independent_sources`."""
    newest_day: date
    """The day of its newest article; the day of addition if that is undated."""
    recency_score: float
    """1 on the newest day of all stories, halved for each day before it."""
    libya_score: float
    """The mean Libya relevance of its articles, from 0 to 3."""

    @property
    def score(self) -> float:
        """The ranking score; stories are ordered from the highest."""
        return self.source_score + self.recency_score + self.libya_score


class Story(BaseModel):
    """Articles about one event, from one or several sources and languages."""

    model_config = ConfigDict(frozen=True)

    headline: str
    """The headline of the representative article, verbatim."""
    articles: tuple[Article, ...]
    """The representative article (medoid) first, then the others, newest first."""
    sources: tuple[str, ...]
    """The distinct names of their sources."""
    quotes: tuple[Quote, ...]
    """The lead, and optionally a quote of another source that adds or contradicts something."""
    since: datetime | date | None
    until: datetime | date | None
    """When its first and last articles were published; None if all are undated."""
    days: tuple[date, date] | None
    """The days of `since` and `until` in the archive's time zone."""
    continues: bool
    """Whether it was also reported before the window."""
    rank_explanation: RankExplanation
