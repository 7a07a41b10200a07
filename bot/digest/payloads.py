"""What is sent: enough to put it into words at any time, and the same for all who get the same."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.digest.models import Topic
from bot.i18n.languages import UiLanguage
from index.models import ChangeRange


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    language: UiLanguage


class EditionPayload(_Content):
    """An edition: the news of a day, for those of one taste and language."""

    kind: Literal["edition"] = "edition"
    day: date
    after: int
    upto: int
    since: date
    """What was published earlier is no news: see `ChangeRange`."""
    length: int
    include: tuple[Topic, ...] = ()
    exclude: tuple[Topic, ...] = ()
    silent: bool = False
    """Without news it is not sent."""
    bare: bool = False
    """Without buttons: see `Taste`."""
    missed: tuple[date, ...] = ()
    """Days whose editions were not sent, which this one says."""

    @property
    def change_range(self) -> ChangeRange:
        """What it tells of."""
        return ChangeRange(self.after, self.upto, self.since)


class AlertPayload(_Content):
    """A word at once: an article is about what somebody watches."""

    kind: Literal["alert"] = "alert"
    watched: str
    article: int
    """Its number."""


class AlertSummaryPayload(_Content):
    """What came on top of a day's alerts."""

    kind: Literal["summary"] = "summary"
    count: int
    """How many there were; more may be than are told of."""
    alerts: tuple[tuple[str, int], ...]
    """What is watched, and the number of the article."""


Content = EditionPayload | AlertPayload | AlertSummaryPayload
CONTENT_ADAPTER: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])
"""Reads what was stored."""
