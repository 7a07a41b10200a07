"""An answer in a terminal, laid out so that it reads well from the right and from the left.

Every paragraph is one line, which the terminal wraps, so that a quote is copied in one piece; each
run of words (a source, a date, a link, a quote) stands in its own isolate, so that Arabic and Latin
runs do not push one another about.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import NamedTuple

from bot.words import WORDS, Tongue, shown_date, shown_source, tongue_of
from index.article import Answer, Article, Holdings, Quote, Window
from index.questions import LONGEST_QUESTION, BadQuestion

_FIRST_STRONG, _POP = "\u2068", "\u2069"
_DIRECTIONS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


_UNSEEN = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Controls, halves of characters, and separators that a terminal takes for line ends."""


class Marks(NamedTuple):
    """What stands before and after the best sentence of a quote."""

    before: str
    after: str


BOLD = Marks("\x1b[1m", "\x1b[22m")
BRACKETS = Marks("⟦", "⟧")


def answer(found: Answer, holdings: Holdings, tongue: Tongue, marks: Marks) -> str:
    """Lay out an answer: what was searched, then each quote under its source, date and link."""
    words = WORDS[tongue]
    if not found.answered and not found.nearest and found.window is None:
        return words["empty archive"]
    lines = []
    if found.window:
        said = "searched" if found.answered else "nothing"
        lines.append(words[said].format(window=window(found.window, tongue)))
    if found.nearest:
        lines.append(words["outside"])
    if found.answered:
        lines.append(words["closest"])
    shown = found.quotes or found.nearest
    if not shown:
        lines.append(archive_holds(holdings, tongue))
    for number, each in enumerate(shown, 1):
        lines += ["", *quote(number, each, tongue, marks)]
    if marks is BRACKETS and any(_is_marked(each) for each in shown):
        lines += ["", words["mark"]]
    return "\n".join(lines)


def quote(number: int, quoted: Quote, tongue: Tongue, marks: Marks) -> list[str]:
    """Lay out one quote: the line that cites it, the passage word for word, who else carries it."""
    lines = [f"{number}. {citation(quoted.article, tongue)}"]
    start, end = quoted.highlight if _is_marked(quoted) else (0, 0)
    text = quoted.text
    if end:
        parts = (text[:start], marks.before, text[start:end], marks.after, text[end:])
        body = "".join(part if part in marks else visible(part) for part in parts)
    else:
        body = visible(text)
    lines += [_isolated(line) for line in body.split("\n") if line.strip()]
    if quoted.also:
        sources = " · ".join(citation(other, tongue) for other in quoted.also)
        lines.append(WORDS[tongue]["also"].format(sources=sources))
    return lines


def citation(article: Article, tongue: Tongue) -> str:
    """Cite an article as its readers would: «source · 4 فبراير 2026، 12:51 · link».

    The date is written in the article's language; who reads another one gets it in figures too.
    """
    own = tongue_of(article.language, tongue)
    parts = [shown_source(article.source, own), shown_date(article.published, own)]
    if own != tongue and article.published:
        parts.append(article.published.isoformat()[:10])
    if article.url:
        parts.append(article.url)
    return " · ".join(_isolated(visible(part)) for part in parts)


def listed(article: Article, otherwise: Tongue) -> str:
    """Show an article on one line: its id (as it is typed), date, source and headline."""
    own = tongue_of(article.language, otherwise)
    parts = (
        shown_date(article.published, own),
        shown_source(article.source, own),
        article.headline,
    )
    return "  ".join((visible(article.id), *(_isolated(visible(part)) for part in parts)))


def window(searched: Window, tongue: Tongue) -> str:
    """Say a window in words, both ends included."""
    words = WORDS[tongue]
    since, until = (_day(end, tongue) for end in (searched.since, searched.until))
    if since and since == until:
        return words["on"].format(day=since)
    if since and until:
        return words["between"].format(since=since, until=until)
    return words["from"].format(since=since) if since else words["to"].format(until=until)


def archive_holds(holdings: Holdings, tongue: Tongue) -> str:
    """Say how many articles there are, from when to when."""
    words = WORDS[tongue]
    if not holdings.articles:
        return words["empty archive"]
    count = words["articles"].format(articles=f"{holdings.articles:,}")
    if holdings.since is None:
        return f"{count}."
    published = Window(since=holdings.since, until=holdings.until)
    return f"{count} ({window(published, tongue)})."


def bad_question(fault: BadQuestion, tongue: Tongue) -> str:
    """Say kindly what is wrong with a question, and how to ask it."""
    return WORDS[tongue][fault.fault].format(
        length=f"{fault.length:,}", longest=f"{LONGEST_QUESTION:,}"
    )


def visible(text: str) -> str:
    """Return `text` without what would drive a terminal or turn the direction of what follows."""
    return "".join(
        " " if char != "\n" and unicodedata.category(char) in _UNSEEN else char
        for char in text.translate(_DIRECTIONS)
    )


def _isolated(run: str) -> str:
    return f"{_FIRST_STRONG}{run}{_POP}"


def _is_marked(quoted: Quote) -> bool:
    return quoted.highlight != (0, len(quoted.text))


def _day(end: date | None, tongue: Tongue) -> str:
    return shown_date(end, tongue) if end else ""
