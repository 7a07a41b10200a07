"""Render answers and articles for a terminal, in right-to-left and left-to-right scripts.

Every paragraph is one line, which the terminal wraps, so that a quote can be copied in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.i18n.formats import source_text
from bot.i18n.languages import UiLanguage, match_ui_language
from bot.i18n.phrases import (
    answer_heading,
    archive_contents_text,
    archive_end_lines,
    citation_runs,
    event_text,
    is_partly_highlighted,
    isolate,
    nearest_lines,
    no_answer_lines,
    publication_date_text,
    search_lines,
    strip_controls,
)
from bot.i18n.translations import translator
from index.models import Answer, ArchiveStats, Article, Quote
from index.search.event_grouping import event_starts


class HighlightMarks(NamedTuple):
    """The marks before and after the best sentence of a quote."""

    before: str
    after: str


BOLD = HighlightMarks("\x1b[1m", "\x1b[22m")
BRACKETS = HighlightMarks("⟦", "⟧")


def render_answer(
    answer: Answer, stats: ArchiveStats, lang: UiLanguage, marks: HighlightMarks
) -> str:
    """Render an answer: the dates searched, then each quote below its source, date and link.

    Without an answer, say so, and describe the contents of the archive.
    """
    if answer.answered:
        heading_lines = [
            *search_lines(answer, lang),
            answer_heading(answer, lang),
        ]
        return render_quotes(heading_lines, answer.quotes, lang, marks)
    if not stats.articles:
        return archive_contents_text(stats, lang)
    contents = archive_end_lines(answer, stats, lang) or [archive_contents_text(stats, lang)]
    return "\n".join([*no_answer_lines(answer, lang), *contents])


def render_nearest_quotes(answer: Answer, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Render the passages nearest to a question without an answer, labelled as such."""
    return render_quotes(nearest_lines(answer, lang), answer.nearest, lang, marks)


def render_quotes(
    heading_lines: Sequence[str], quotes: Sequence[Quote], lang: UiLanguage, marks: HighlightMarks
) -> str:
    """Render quotes below `heading_lines`; explain the brackets where they occur."""
    lines = list(heading_lines)
    starts_of_events = event_starts(quotes)
    for number, quote in enumerate(quotes, 1):
        event_quotes = starts_of_events.get(number - 1)
        lines += ["", *([f"— {event_text(event_quotes, lang)} —"] if event_quotes else [])]
        lines += quote_lines(number, quote, lang, marks)
    if marks is BRACKETS and any(is_partly_highlighted(quote) for quote in quotes):
        lines += [
            "",
            translator(lang).gettext("⟦ and ⟧ enclose the sentence nearest to your question."),
        ]
    return "\n".join(lines)


def quote_lines(number: int, quote: Quote, lang: UiLanguage, marks: HighlightMarks) -> list[str]:
    """Return the lines of a quote: its citation, the passage, and other sources that carry it."""
    lines = [f"{number}. {citation_line(quote.article, lang)}"]
    start, end = quote.highlight if is_partly_highlighted(quote) else (0, 0)
    text = quote.text
    if end:
        parts = (text[:start], marks.before, text[start:end], marks.after, text[end:])
        body = "".join(part if part in marks else strip_controls(part) for part in parts)
    else:
        body = strip_controls(text)
    lines += [isolate(line) for line in body.split("\n") if line.strip()]
    if quote.also:
        sources = " · ".join(citation_line(article, lang) for article in quote.also)
        lines.append(translator(lang).gettext("Also carried by: {sources}").format(sources=sources))
    return lines


def citation_line(article: Article, lang: UiLanguage) -> str:
    """Return a citation: «source · 4 فبراير 2026، 12:51 · link»."""
    parts = citation_runs(article, lang)
    if article.url:
        parts.append(article.url)
    return " · ".join(isolate(strip_controls(part)) for part in parts)


def render_article_line(article: Article, default_lang: UiLanguage) -> str:
    """Render an article on one line: its id (without isolates), date, source and headline."""
    article_lang = match_ui_language(article.language, default_lang)
    parts = (
        publication_date_text(article, article_lang),
        source_text(article.source, article_lang),
        article.headline,
    )
    return "  ".join(
        (strip_controls(article.id), *(isolate(strip_controls(part)) for part in parts))
    )
