"""Callback data of the buttons under an answer and of the choice of a language."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.i18n.languages import UiLanguage
from bot.telegram.callback_data import CallbackData, Number

QuoteIndex = Annotated[Number, Field(lt=1_000)]
PageIndex = Annotated[Number, Field(lt=100_000)]


class AnswerCallback(CallbackData):
    """Continue the answer to the update `update_id`. Each answer can be continued once."""

    action: Literal["more", "nearest", "all"]
    update_id: Number


class QuoteCallback(CallbackData):
    """Show the context of a quote of an answer, or a page of its article."""

    action: Literal["around", "page"]
    update_id: Number
    quote_index: QuoteIndex
    page: PageIndex | None = None


class LanguageCallback(CallbackData):
    """Choose the language of the bot's messages."""

    action: Literal["language"] = "language"
    lang: UiLanguage
