"""What the buttons under the bot's messages say when they are pressed: pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from bot.i18n.catalogue import UI_LANGUAGES, UiLanguage
from index.models import parse_iso_date

_ANSWER_PATTERN = re.compile(
    r"(?P<what>more|nearest|all|around|page):(?P<key>\d{1,19})(?::(?P<place>\d{1,3}))?"
    r"(?::(?P<page>\d{1,5}))?"
)
_EDITION_PATTERN = re.compile(
    r"(?P<what>edition|story):(?P<since>\d{4}-\d\d-\d\d):(?P<until>\d{4}-\d\d-\d\d)"
    r":(?P<number>\d{1,18})"
)
_SENT_EDITION_PATTERN = re.compile(
    r"(?P<what>edition|story|chart):(?P<content>\d{1,18})(?::(?P<number>\d{1,18}))?"
)
_IN_DOUBT_PATTERN = re.compile(r"parked:(\d{1,18})")
MAX_EDITION_WINDOW = timedelta(days=1)
"""From its first day to its last."""
_MAX_UPDATE_ID = 2**62
"""No update has so high a number."""


class AnswerCallback(NamedTuple):
    """What is wanted of an answer: the one to the update `update_id`, its quote `quote_index`, a page of it."""

    action: str
    update_id: int
    quote_index: int | None
    page: int | None


class EditionCallback(NamedTuple):
    """What is wanted of an edition: its stories from a place on, or the story of an article."""

    action: str
    since: date
    until: date
    number: int


class SentEditionCallback(NamedTuple):
    """The same of an edition that subscribers got, by the number of its content; or its chart."""

    action: str
    content_number: int
    number: int


def parse_sent_edition_callback(callback_data: str) -> SentEditionCallback | None:
    """Return what a button's data asks for of a subscriber's edition; None where it is of none."""
    match = _SENT_EDITION_PATTERN.fullmatch(callback_data)
    if match is None or (match["number"] is None) != (match["what"] == "chart"):
        return None
    return SentEditionCallback(match["what"], int(match["content"]), int(match["number"] or 0))


def parse_in_doubt_callback(callback_data: str) -> int | None:
    """Return the number of the delivery that a button shows; None where it is of none."""
    match = _IN_DOUBT_PATTERN.fullmatch(callback_data)
    return int(match[1]) if match else None


def parse_edition_callback(callback_data: str) -> EditionCallback | None:
    """Return what a button's data asks for of an edition; None where it is of none."""
    match = _EDITION_PATTERN.fullmatch(callback_data)
    if match is None:
        return None
    try:
        since, until = (parse_iso_date(match[name]) for name in ("since", "until"))
    except ValueError:
        return None
    if not timedelta() <= until - since <= MAX_EDITION_WINDOW:
        return None
    return EditionCallback(match["what"], since, until, int(match["number"]))


def parse_answer_callback(callback_data: str) -> AnswerCallback | UiLanguage | None:
    """Return what a button's data asks for: of an answer, or a language; None for neither."""
    kind, _, lang = callback_data.partition(":")
    if kind == "language":
        return UI_LANGUAGES.get(lang)
    match = _ANSWER_PATTERN.fullmatch(callback_data)
    if match is None:
        return None
    quote_index, page = (int(match[name]) if match[name] else None for name in ("place", "page"))
    if (quote_index is None) == (match["what"] in ("around", "page")):
        return None
    update_id = int(match["key"])
    return (
        AnswerCallback(match["what"], update_id, quote_index, page)
        if update_id < _MAX_UPDATE_ID
        else None
    )
