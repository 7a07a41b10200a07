"""Callback data of the buttons under profiles and timelines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.telegram.callback_data import MAX_CALLBACK_DATA_BYTES, CallbackData, Number

EventIndex = Annotated[Number, Field(lt=100_000)]


class NameCallback(CallbackData):
    """Show the profile of a name."""

    action: Literal["who"] = "who"
    name: Annotated[str, Field(min_length=1, max_length=MAX_CALLBACK_DATA_BYTES)]


class AskedNameCallback(CallbackData):
    """Watch the name that the update `update_id` asked for, or search the archive for it."""

    action: Literal["follow", "find"]
    update_id: Number


class TimelineCallback(CallbackData):
    """Show the timeline of the topic that the answer to the update `update_id` was about.

    The action `periods` shows the number of articles by period, and `timeline` the events from the
    one at `first_event` on.
    """

    action: Literal["timeline", "periods"]
    update_id: Number
    first_event: EventIndex = 0
