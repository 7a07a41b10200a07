"""What the buttons under the bot's messages say when they are pressed: pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from bot.i18n.catalogue import UI_LANGUAGES, UiLanguage
from index.models import parse_iso_date

_DATA = re.compile(
    r"(?P<what>more|nearest|all|around|page):(?P<key>\d{1,19})(?::(?P<place>\d{1,3}))?"
    r"(?::(?P<page>\d{1,5}))?"
)
_EDITION = re.compile(
    r"(?P<what>edition|story):(?P<since>\d{4}-\d\d-\d\d):(?P<until>\d{4}-\d\d-\d\d)"
    r":(?P<number>\d{1,18})"
)
_BRIEFING = re.compile(
    r"(?P<what>edition|story|chart):(?P<content>\d{1,18})(?::(?P<number>\d{1,18}))?"
)
_PARKED = re.compile(r"parked:(\d{1,18})")
MAX_EDITION_WINDOW = timedelta(days=1)
"""From its first day to its last."""
_LARGEST = 2**62
"""No update has so high a number."""


class AnswerCallback(NamedTuple):
    """What is wanted of an answer: the one to the update `key`, its quote `place`, a page of it."""

    what: str
    key: int
    place: int | None
    page: int | None


class EditionCallback(NamedTuple):
    """What is wanted of an edition: its stories from a place on, or the story of an article."""

    what: str
    since: date
    until: date
    number: int


class SentEditionCallback(NamedTuple):
    """The same of an edition that subscribers got, by the number of its content; or its chart."""

    what: str
    content: int
    number: int


def briefing_wish(data: str) -> SentEditionCallback | None:
    """Return what a button's data asks for of a subscriber's edition; None where it is of none."""
    found = _BRIEFING.fullmatch(data)
    if found is None or (found["number"] is None) != (found["what"] == "chart"):
        return None
    return SentEditionCallback(found["what"], int(found["content"]), int(found["number"] or 0))


def parked_wish(data: str) -> int | None:
    """Return the number of the delivery that a button shows; None where it is of none."""
    found = _PARKED.fullmatch(data)
    return int(found[1]) if found else None


def edition_wish(data: str) -> EditionCallback | None:
    """Return what a button's data asks for of an edition; None where it is of none."""
    found = _EDITION.fullmatch(data)
    if found is None:
        return None
    try:
        since, until = (parse_iso_date(found[name]) for name in ("since", "until"))
    except ValueError:
        return None
    if not timedelta() <= until - since <= MAX_EDITION_WINDOW:
        return None
    return EditionCallback(found["what"], since, until, int(found["number"]))


def wish(data: str) -> AnswerCallback | UiLanguage | None:
    """Return what a button's data asks for: of an answer, or a language; None for neither."""
    kind, _, language = data.partition(":")
    if kind == "language":
        return UI_LANGUAGES.get(language)
    found = _DATA.fullmatch(data)
    if found is None:
        return None
    place, page = (int(found[name]) if found[name] else None for name in ("place", "page"))
    if (place is None) == (found["what"] in ("around", "page")):
        return None
    key = int(found["key"])
    return AnswerCallback(found["what"], key, place, page) if key < _LARGEST else None
