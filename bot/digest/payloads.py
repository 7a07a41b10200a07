"""The stored contents of editions, alerts and summaries, from which messages are rendered.

Chats that receive the same content share one payload. The field names are persisted as JSON.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.digest.models import Topic
from bot.i18n.languages import UiLanguage
from index.models import ChangeRange


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    language: UiLanguage


class EditionPayload(_Content):
    """An edition: the news of a day, for all chats with the same preferences and language."""

    kind: Literal["edition"] = "edition"
    day: date
    after: int
    """Sequence number of a change; exclusive."""
    upto: int
    """Sequence number of a change; inclusive."""
    since: date
    """The first day of publication: see `ChangeRange`."""
    length: int
    """Stories in its first message; 0 where Telegram refused any as too long."""
    include: tuple[Topic, ...] = ()
    exclude: tuple[Topic, ...] = ()
    silent: bool = False
    """Whether to skip the edition if it has no stories."""
    bare: bool = False
    """Whether to omit buttons: see `EditionPreferences`."""
    missed: tuple[date, ...] = ()
    """Days whose editions were not sent; this edition reports them."""

    @property
    def change_range(self) -> ChangeRange:
        """The range of changes that the edition covers."""
        return ChangeRange(self.after, self.upto, self.since)

    def shorten(self) -> Self | None:
        """Return the edition with half as many stories, in the end none; None if it has none."""
        return self.model_copy(update={"length": self.length // 2}) if self.length else None


class AlertPayload(_Content):
    """An alert: an article matches a watched topic."""

    kind: Literal["alert"] = "alert"
    watched: str
    article: int
    """Number of the article."""


class AlertSummaryPayload(_Content):
    """A summary of the alerts beyond the daily limit of a chat."""

    kind: Literal["summary"] = "summary"
    count: int
    """Number of all deferred alerts; `alerts` may list fewer."""
    alerts: tuple[tuple[str, int], ...]
    """Pairs of a watched topic and an article number."""


Content = EditionPayload | AlertPayload | AlertSummaryPayload
CONTENT_ADAPTER: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])
"""Parses stored payloads."""
