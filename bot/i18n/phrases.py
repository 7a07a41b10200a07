"""What every screen says alike: a citation, where was searched and what was found; bidi isolates.

Each run of words (a source, a date, a link, a quote) stands in its own isolate, so that Arabic and
Latin runs do not push one another about.
"""

from __future__ import annotations

import re
from datetime import date

from bot.i18n.catalogue import (
    STRINGS,
    UiLanguage,
    date_text,
    match_ui_language,
    number_text,
    source_text,
)
from index.models import Answer, ArchiveStats, Article, DateProvenance, DateWindow, Draft, Quote
from index.questions import MAX_QUESTION_LENGTH, InvalidQuestion

ALL_DATES = DateWindow()
"""All dates, asked for as such: a question that names a time is then searched without it."""
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL_CHARS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, halves of characters, and separators that a screen takes for line ends."""


def citation_runs(article: Article, lang: UiLanguage) -> list[str]:
    """Return a citation's runs but the link: «source», «4 فبراير 2026، 12:51».

    The date is written in the article's language; who reads another one gets it in figures too.
    What is unknown is said in the reader's, and that only a feed's summary was to be had.
    """
    article_lang = match_ui_language(article.language, lang) if article.published else lang
    runs = [source_text(article.source, lang), publication_date_text(article, article_lang)]
    if article_lang != lang and article.published:
        runs.append(article.published.isoformat()[:10])
    if article.only_summary:
        runs.append(STRINGS[lang]["only summary"])
    return runs


def publication_date_text(draft: Draft, lang: UiLanguage) -> str:
    """Say when an article was published, and that it is uncertain where it is."""
    day = date_text(draft.published, lang)
    if draft.published is None or draft.date_found is not DateProvenance.UNCERTAIN:
        return day
    return STRINGS[lang]["uncertain date"].format(date=day)


def window_text(window: DateWindow, lang: UiLanguage) -> str:
    """Say a window in words, both ends included."""
    strings = STRINGS[lang]
    since, until = (_day_text(day, lang) for day in (window.since, window.until))
    if since and since == until:
        return strings["on"].format(day=since)
    if since and until:
        return strings["between"].format(since=since, until=until)
    return strings["from"].format(since=since) if since else strings["to"].format(until=until)


def is_narrow(window: DateWindow | None) -> bool:
    """Say whether a window leaves something out, so that it can be widened."""
    return window not in (None, ALL_DATES)


def searched_dates_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Say which dates were searched, on one line; nothing where nobody named any."""
    if answer.window is None:
        return []
    if answer.window == ALL_DATES:
        return [STRINGS[lang]["all dates"]]
    return [STRINGS[lang]["searched"].format(window=window_text(answer.window, lang))]


def no_answer_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Say that there is no answer, or nothing at all where was searched."""
    strings = STRINGS[lang]
    if answer.window is None or answer.window == ALL_DATES:
        return [*searched_dates_lines(answer, lang), strings["none"]]
    string_key = "none then" if answer.searched else "nothing"
    return [strings[string_key].format(window=window_text(answer.window, lang))]


def nearest_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Say that what follows is only the nearest, and where that was found."""
    strings = STRINGS[lang]
    if is_narrow(answer.window) and not answer.searched:
        return [*no_answer_lines(answer, lang), strings["outside"]]
    return [*searched_dates_lines(answer, lang), strings["nearest"]]


def archive_contents_text(stats: ArchiveStats, lang: UiLanguage) -> str:
    """Say how many articles there are, from when to when."""
    strings = STRINGS[lang]
    if not stats.articles:
        return strings["empty archive"]
    count = strings["articles"].format(articles=number_text(stats.articles, lang))
    if stats.since is None:
        return f"{count}."
    published = DateWindow(since=stats.since, until=stats.until)
    return f"{count} ({window_text(published, lang)})."


def question_error_text(error: InvalidQuestion, lang: UiLanguage) -> str:
    """Say kindly what is wrong with a question, and how to ask it."""
    return STRINGS[lang][error.reason].format(
        length=number_text(error.length, lang),
        longest=number_text(MAX_QUESTION_LENGTH, lang),
    )


def strip_controls(text: str) -> str:
    """Return `text` without what would drive a screen or turn the direction of what follows."""
    return _CONTROL_CHARS.sub(" ", _BIDI_CONTROLS.sub("", text))


def isolate(run: str) -> str:
    """Return a run whose direction touches nothing around it."""
    return f"{_FIRST_STRONG}{run}{_POP}"


def is_partly_highlighted(quote: Quote) -> bool:
    """Say whether a quote's best sentence is less than all of it, so that it can be marked."""
    return quote.highlight != (0, len(quote.text))


def _day_text(day: date | None, lang: UiLanguage) -> str:
    return date_text(day, lang) if day else ""
