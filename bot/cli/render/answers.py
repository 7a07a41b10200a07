"""An answer in a terminal, laid out so that it reads well from the right and from the left.

Every paragraph is one line, which the terminal wraps, so that a quote is copied in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.i18n.catalogue import WORDS, UiLanguage, shown_source, ui_language_of
from bot.i18n.phrases import (
    archive_holds,
    cited,
    dated,
    is_marked,
    isolated,
    nearest,
    no_answer,
    searched,
    visible,
)
from index.models import Answer, ArchiveStats, Article, Quote


class HighlightMarks(NamedTuple):
    """What stands before and after the best sentence of a quote."""

    before: str
    after: str


BOLD = HighlightMarks("\x1b[1m", "\x1b[22m")
BRACKETS = HighlightMarks("⟦", "⟧")


def answer(found: Answer, holdings: ArchiveStats, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Lay out an answer: what was searched, then each quote under its source, date and link.

    Where there is none, that is said, and what the archive holds.
    """
    if found.answered:
        head = [*searched(found, lang), WORDS[lang]["found"]]
        return quotes(head, found.quotes, lang, marks)
    said = no_answer(found, lang) if holdings.articles else []
    return "\n".join([*said, archive_holds(holdings, lang)])


def near(found: Answer, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Lay out the passages nearest to a question without an answer, and call them that."""
    return quotes(nearest(found, lang), found.nearest, lang, marks)


def quotes(
    head: Sequence[str], shown: Sequence[Quote], lang: UiLanguage, marks: HighlightMarks
) -> str:
    """Lay out quotes below the lines of `head`."""
    lines = list(head)
    for number, each in enumerate(shown, 1):
        lines += ["", *quote(number, each, lang, marks)]
    if marks is BRACKETS and any(is_marked(each) for each in shown):
        lines += ["", WORDS[lang]["mark"]]
    return "\n".join(lines)


def quote(number: int, quoted: Quote, lang: UiLanguage, marks: HighlightMarks) -> list[str]:
    """Lay out one quote: the line that cites it, the passage word for word, who else carries it."""
    lines = [f"{number}. {citation(quoted.article, lang)}"]
    start, end = quoted.highlight if is_marked(quoted) else (0, 0)
    text = quoted.text
    if end:
        parts = (text[:start], marks.before, text[start:end], marks.after, text[end:])
        body = "".join(part if part in marks else visible(part) for part in parts)
    else:
        body = visible(text)
    lines += [isolated(line) for line in body.split("\n") if line.strip()]
    if quoted.also:
        sources = " · ".join(citation(other, lang) for other in quoted.also)
        lines.append(WORDS[lang]["also"].format(sources=sources))
    return lines


def citation(article: Article, lang: UiLanguage) -> str:
    """Cite an article as its readers would: «source · 4 فبراير 2026، 12:51 · link»."""
    parts = cited(article, lang)
    if article.url:
        parts.append(article.url)
    return " · ".join(isolated(visible(part)) for part in parts)


def listed(article: Article, otherwise: UiLanguage) -> str:
    """Show an article on one line: its id (as it is typed), date, source and headline."""
    own = ui_language_of(article.language, otherwise)
    parts = (
        dated(article, own),
        shown_source(article.source, own),
        article.headline,
    )
    return "  ".join((visible(article.id), *(isolated(visible(part)) for part in parts)))
