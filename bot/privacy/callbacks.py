"""Callback data of the button that confirms /forgetme."""

from __future__ import annotations

from typing import Literal

from bot.telegram.callback_data import CallbackData


class EraseCallback(CallbackData):
    """Erase everything that is stored about who presses it, in their private chat."""

    action: Literal["erase"] = "erase"
