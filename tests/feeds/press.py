"""Feeds and pages of invented newspapers."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

RSS = "application/rss+xml; charset=utf-8"
_PLACES = ("the harbour", "the old mill", "the fish market", "the bridge", "the school", "the dam")
_DOINGS = ("was repaired", "was opened", "was painted", "was closed", "was measured", "was lit")
_NAMES = ("Salem Werdani", "Layla Hamdan", "Ilias Durra", "Karim Belhadj", "Nadia Zahran")


class Item(NamedTuple):
    """An article as a feed carries it."""

    number: int
    at: datetime | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    link: str = ""
    guid: str = ""
    date: str = ""
    """As it is written, in place of `at`."""


def story(number: int, word: str = "Noran") -> str:
    """An article unlike any other, of two paragraphs."""
    place, doing = _PLACES[number % 6], _DOINGS[number // 6 % 6]
    name = _NAMES[number % 5]
    marks = " ".join(
        f"{word.lower()}{chr(97 + number % 26)}{number}{letter}" for letter in "abcdefgh"
    )
    return (
        f"In {word} {place} {doing} on its day number {number}, said {name} of the council. "
        f"People of quarter {number} came with {marks} to see it.\n\n"
        f"The work had taken {number + 3} weeks and {number + 11} carpenters from {word}{number}, "
        f"and {name} thanked every one of them by name before the {number + 2} lamps were lit."
    )


def brief(number: int) -> str:
    """The shortest article that a page can have, unlike any other."""
    place, doing, name = _PLACES[number % 6], _DOINGS[number // 6 % 6], _NAMES[number % 5]
    return (
        f"{place.capitalize()} {doing} in quarter {number}. {name} of the council of Noran came with "
        f"{number + 3} carpenters, {number + 11} painters and noran{number}a to light the lamps, and "
        f"thanked noran{number}b and noran{number}c by name."
    )


def rss(
    items: list[Item], base: str, *, title: str = "The Noran Ledger", language: str = "en"
) -> str:
    """A feed of RSS 2.0."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(title)}</title><link>{base}/</link><language>{language}</language>"
        + "".join(_item(each, base) for each in items)
        + "</channel></rss>"
    )


def _item(of: Item, base: str) -> str:
    link = of.link or f"{base}/news/{of.number}"
    date = of.date or (format_datetime(of.at) if of.at else "")
    parts = {
        "title": of.title or f"News number {of.number} of the ledger",
        "link": link,
        "guid": of.guid or link,
        "pubDate": date,
        "description": of.summary,
    }
    said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    content = f"<content:encoded>{escape(paragraphs(of.content))}</content:encoded>"
    return f"<item>{said}{content if of.content else ''}</item>"


def paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n"))


def page(title: str, text: str, *, date: str = "", source: str = "The Noran Ledger") -> str:
    """An article's page, with a menu around it."""
    meta = f'<meta property="article:published_time" content="{date}">' if date else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article">'
        f'<meta property="og:site_name" content="{source}">{meta}</head><body>'
        '<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>'
        f"<article><h1>{title}</h1>{paragraphs(text)}</article>"
        "<footer>All rights reserved</footer></body></html>"
    )
