"""Callback data of the buttons under an answer and of the choice of a language."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.i18n.languages import UiLanguage
from bot.telegram.callback_data import CallbackData, Number
from index.models import MAX_YEAR, MIN_YEAR
from index.questions import MAX_QUESTIONS

QuoteIndex = Annotated[Number, Field(lt=1_000)]
Year = Annotated[Number, Field(ge=MIN_YEAR, le=MAX_YEAR)]
PageIndex = Annotated[Number, Field(lt=100_000)]


Month = Annotated[Number, Field(ge=1, le=12)]

AnswerAction = Literal[
    "more", "nearest", "all", "sources", "literal", "latest", "newest", "year", "month"
]


class AnswerCallback(CallbackData):
    """Continue the answer to the update `update_id`. Each answer can be continued once."""

    action: AnswerAction
    update_id: Number
    year: Year | None = None
    """For the actions `year` and `month`."""
    month: Month | None = None
    """For the action `month`."""


class PartCallback(CallbackData):
    """Answer one question of a message with several; `part` counts from 0."""

    action: Literal["part"] = "part"
    update_id: Number
    part: Annotated[Number, Field(lt=MAX_QUESTIONS)]


class QuoteCallback(CallbackData):
    """Show the context of a quote of an answer, a page of its article, or its citation.

    The action `source` asks the question again of the quote's source alone.
    """

    action: Literal["around", "page", "cite", "source"]
    update_id: Number
    quote_index: QuoteIndex
    page: PageIndex | None = None


class FeedbackCallback(CallbackData):
    """Say whether the answer to the update `update_id` was helpful."""

    action: Literal["up", "down"]
    update_id: Number


class NewsCallback(CallbackData):
    """Show the latest news."""

    action: Literal["news"] = "news"


class OverviewCallback(CallbackData):
    """Show what the archive holds."""

    action: Literal["overview"] = "overview"


class LanguageCallback(CallbackData):
    """Choose the language of the bot's messages."""

    action: Literal["language"] = "language"
    lang: UiLanguage
