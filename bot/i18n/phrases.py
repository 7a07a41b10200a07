"""What every screen says alike: a citation, where was searched and what was found; bidi isolates.

Each run of words (a source, a date, a link, a quote) stands in its own isolate, so that Arabic and
Latin runs do not push one another about.
"""

from __future__ import annotations

import re
from datetime import date

from bot.i18n.catalogue import (
    WORDS,
    UiLanguage,
    shown_date,
    shown_number,
    shown_source,
    ui_language_of,
)
from index.models import Answer, ArchiveStats, Article, DateProvenance, DateWindow, Draft, Quote
from index.questions import MAX_QUESTION_LENGTH, InvalidQuestion

EVERYWHERE = DateWindow()
"""All dates, asked for as such: a question that names a time is then searched without it."""
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, halves of characters, and separators that a screen takes for line ends."""


def cited(article: Article, lang: UiLanguage) -> list[str]:
    """Return a citation's runs but the link: «source», «4 فبراير 2026، 12:51».

    The date is written in the article's language; who reads another one gets it in figures too.
    What is unknown is said in the reader's, and that only a feed's summary was to be had.
    """
    own = ui_language_of(article.language, lang) if article.published else lang
    runs = [shown_source(article.source, lang), dated(article, own)]
    if own != lang and article.published:
        runs.append(article.published.isoformat()[:10])
    if article.only_summary:
        runs.append(WORDS[lang]["only summary"])
    return runs


def dated(of: Draft, lang: UiLanguage) -> str:
    """Say when an article was published, and that it is uncertain where it is."""
    day = shown_date(of.published, lang)
    if of.published is None or of.date_found is not DateProvenance.UNCERTAIN:
        return day
    return WORDS[lang]["uncertain date"].format(date=day)


def window(searched: DateWindow, lang: UiLanguage) -> str:
    """Say a window in words, both ends included."""
    words = WORDS[lang]
    since, until = (_day(end, lang) for end in (searched.since, searched.until))
    if since and since == until:
        return words["on"].format(day=since)
    if since and until:
        return words["between"].format(since=since, until=until)
    return words["from"].format(since=since) if since else words["to"].format(until=until)


def is_narrow(searched: DateWindow | None) -> bool:
    """Say whether a window leaves something out, so that it can be widened."""
    return searched not in (None, EVERYWHERE)


def searched(found: Answer, lang: UiLanguage) -> list[str]:
    """Say which dates were searched, on one line; nothing where nobody named any."""
    if found.window is None:
        return []
    if found.window == EVERYWHERE:
        return [WORDS[lang]["all dates"]]
    return [WORDS[lang]["searched"].format(window=window(found.window, lang))]


def no_answer(found: Answer, lang: UiLanguage) -> list[str]:
    """Say that there is no answer, or nothing at all where was searched."""
    words = WORDS[lang]
    if found.window is None or found.window == EVERYWHERE:
        return [*searched(found, lang), words["none"]]
    said = "none then" if found.searched else "nothing"
    return [words[said].format(window=window(found.window, lang))]


def nearest(found: Answer, lang: UiLanguage) -> list[str]:
    """Say that what follows is only the nearest, and where that was found."""
    words = WORDS[lang]
    if is_narrow(found.window) and not found.searched:
        return [*no_answer(found, lang), words["outside"]]
    return [*searched(found, lang), words["nearest"]]


def archive_holds(holdings: ArchiveStats, lang: UiLanguage) -> str:
    """Say how many articles there are, from when to when."""
    words = WORDS[lang]
    if not holdings.articles:
        return words["empty archive"]
    count = words["articles"].format(articles=shown_number(holdings.articles, lang))
    if holdings.since is None:
        return f"{count}."
    published = DateWindow(since=holdings.since, until=holdings.until)
    return f"{count} ({window(published, lang)})."


def bad_question(fault: InvalidQuestion, lang: UiLanguage) -> str:
    """Say kindly what is wrong with a question, and how to ask it."""
    return WORDS[lang][fault.fault].format(
        length=shown_number(fault.length, lang),
        longest=shown_number(MAX_QUESTION_LENGTH, lang),
    )


def visible(text: str) -> str:
    """Return `text` without what would drive a screen or turn the direction of what follows."""
    return _UNSEEN.sub(" ", _DIRECTIONS.sub("", text))


def isolated(run: str) -> str:
    """Return a run whose direction touches nothing around it."""
    return f"{_FIRST_STRONG}{run}{_POP}"


def is_marked(quoted: Quote) -> bool:
    """Say whether a quote's best sentence is less than all of it, so that it can be marked."""
    return quoted.highlight != (0, len(quoted.text))


def _day(end: date | None, lang: UiLanguage) -> str:
    return shown_date(end, lang) if end else ""
