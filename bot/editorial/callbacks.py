"""Callback data of the buttons that editors see."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bot.telegram.callback_data import CallbackData, Number


class EditorialCallback(CallbackData):
    """An action on a draft, batch, article, feed, list or person.

    `number` is the number of the subject (of a list, the page), `action` says what to do, and
    `argument` is a page or the number of another object.
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
    argument: Number = 0

    @model_validator(mode="before")
    @classmethod
    def _move_argument(cls, values: Any) -> Any:
        """Accept an argument directly after the number, if there is no action."""
        if isinstance(values, dict) and str(values.get("action", "")).isdigit():
            return {**values, "action": "", "argument": values["action"]}
        return values

    def pack(self) -> str:
        """Return the data as a button carries it, with an argument that was set, even if it is 0.

        Raises `ValueError` if the data is too long.
        """
        packed = super().pack()
        has_zero_argument = "argument" in self.model_fields_set and self.argument == 0
        return f"{packed}:0" if has_zero_argument and self.action else packed
