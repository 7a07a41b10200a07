"""Feeds made by hand, for the tests that read them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from types import FrameType

import pytest

from index.sources.documents import Given
from index.sources.feed import Entry, Feed
from index.sources.feed_reading import read_feed
from index.sources.refusals import Refusal, Refused
from index.text.story import BoilerplateRules

NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)
SITE = "https://sada.example"
HERE = f"{SITE}/feed.xml"
NEWS = "وصل الوفد إلى مرسى النور صباح اليوم وبحث مع أعيان المدينة إعادة فتح الميناء القديم"
STORY = f"{NEWS}. " * 10
"""More words than a summary has."""
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def given(**facts: object) -> Given:
    known = {"now": NOW, "rules": BoilerplateRules(), "url": HERE, **facts}
    return Given.model_validate(known)


def read(content: str | bytes, **facts: object) -> Feed:
    return read_feed(content.encode() if isinstance(content, str) else content, given(**facts))


def refused(content: str | bytes, **facts: object) -> Refusal:
    with pytest.raises(Refused) as found:
        read(content, **facts)
    assert found.value.message
    assert found.value.remedy
    return found.value.refusal


def item(**parts: str) -> str:
    """Return an item of RSS; what its parts hold is escaped, and __ stands for the colon."""
    told = {"title": "وصول الوفد", "link": f"{SITE}/1", **parts}
    inside = "".join(
        f"<{name.replace('__', ':')}>{escape(words)}</{name.replace('__', ':')}>"
        for name, words in told.items()
        if words
    )
    return f"<item>{inside}</item>"


def rss(*items: str, channel: str = "<title>صدى النور</title>") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {SPACES}>'
        f"<channel>{channel}{''.join(items)}</channel></rss>"
    )


def atom(inside: str, about: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {about}><title>صدى</title>{inside}</feed>'


def only(feed: Feed) -> Entry:
    (entry,) = feed.entries
    return entry


class Hang(BaseException):
    """It took so long that it is taken for a hang; nothing that reads a feed catches it."""


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    """Break off what hangs, where the system has such an alarm."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
