"""A story: what several articles report of one event, and why it stands where it does."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from index.models import Article, Quote


class RankExplanation(BaseModel):
    """Why a story stands where it does among the others: its score is the sum of the three."""

    model_config = ConfigDict(frozen=True)

    independent_sources: int
    """How many independent sources carry it: two that print the same words are one."""
    source_score: float
    """What these count."""
    newest_day: date
    """The day of its newest article: that of its arrival where its date is not known."""
    recency_score: float
    libya_score: float

    @property
    def score(self) -> float:
        """By which stories are ordered, the highest first."""
        return self.source_score + self.recency_score + self.libya_score


class Story(BaseModel):
    """Articles about one event, from one source or several, in one language or several."""

    model_config = ConfigDict(frozen=True)

    headline: str
    """That of the article that stands for it, word for word."""
    articles: tuple[Article, ...]
    """The one that stands for it first, then the newest."""
    sources: tuple[str, ...]
    """Their sources' names, each once."""
    quotes: tuple[Quote, ...]
    """The lead, and what another source adds or says otherwise."""
    since: datetime | date | None
    until: datetime | date | None
    """When the first and the last of its articles were published; None where no date is known."""
    days: tuple[date, date] | None
    """The days of these, in the zone of the archive."""
    continues: bool
    """It was reported before the window as well."""
    rank_explanation: RankExplanation
