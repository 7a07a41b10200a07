"""The callback data of editions, subscriptions, watches and deliveries in doubt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.telegram.callback_data import CallbackData, Number
from index.models import parse_iso_date

MAX_EDITION_WINDOW = timedelta(days=1)
"""From the first day of an edition to its last."""


def _parse_day(value: Any) -> Any:
    return parse_iso_date(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_parse_day)]


class EditionCallback(CallbackData):
    """Show an edition from the story at a position on, or the story of an article.

    `number` is the position, from 0, or the article's number.
    """

    action: Literal["edition", "story"]
    since: Day
    until: Day
    number: Number

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if not timedelta() <= self.until - self.since <= MAX_EDITION_WINDOW:
            raise ValueError("no edition has such days")
        return self


class SentEditionCallback(CallbackData):
    """Show a page, a story or the chart of a delivered edition, given by its content number."""

    action: Literal["edition", "story", "chart"]
    content_number: Number
    number: Number | None = None

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        if (self.number is None) != (self.action == "chart"):
            raise ValueError("only a chart has no number")
        return self


class InDoubtCallback(CallbackData):
    """Show a delivery that may not have arrived.

    `parked` is the stored name of the state «in doubt»; buttons in chats carry it.
    """

    action: Literal["parked"] = "parked"
    number: Number


class WatchCallback(CallbackData):
    """Remove a watch, by its number (`watch`) or by the content number of an alert (`unwatch`)."""

    action: Literal["watch", "unwatch"]
    number: Number


class SettingsAction(CallbackData):
    """Change the settings of a subscription, or show them."""

    prefix: Literal["sub"] = "sub"
    name: Annotated[str, Field(pattern=r"^[a-z]{2,7}$")]
    value: Annotated[str, Field(pattern=r"^([A-Za-z0-9:_/+-]{1,50})?$")] = ""
