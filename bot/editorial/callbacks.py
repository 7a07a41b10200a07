"""The buttons under the messages that editors see."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bot.telegram.callback_data import CallbackData, Number


class EditorialCallback(CallbackData):
    """Do something to a draft, batch, article, feed, list or person.

    `number` is that of the subject (in lists, the page), `action` says what to do with it, and
    `argument` is a page or the number of another thing.
    """

    subject: Literal[
        "draft",
        "batch",
        "article",
        "library",
        "found",
        "removed",
        "log",
        "admin",
        "once",
        "feed",
        "feeds",
        "held",
    ]
    number: Number
    action: Annotated[str, Field(pattern=r"^([a-z]{1,9})?$")] = ""
    argument: Annotated[Number, Field(lt=10**9)] = 0

    @model_validator(mode="before")
    @classmethod
    def _move_argument(cls, values: Any) -> Any:
        """Accept an argument directly after the number, where there is no action."""
        if isinstance(values, dict) and str(values.get("action", "")).isdigit():
            return {**values, "action": "", "argument": values["action"]}
        return values
