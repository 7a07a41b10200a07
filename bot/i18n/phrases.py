"""Phrases that the Telegram messages and the terminal share: citations, dates, statistics, errors.

Each run of text (a source, a date, a link, a quote) is put in a bidi isolate, so that Arabic and
Latin runs do not reorder one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.i18n.formats import date_text, number_text, source_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from index.models import (
    Answer,
    ArchiveStats,
    Article,
    Confidence,
    DateProvenance,
    DateWindow,
    Draft,
    Quote,
)
from index.questions import MAX_QUESTION_LENGTH, InvalidQuestion, QuestionError
from index.search.event_grouping import publication_day
from index.stories.models import Story
from index.text.dates.days import to_date

ALL_DATES = DateWindow()
"""An explicit search of all dates: a date expression in the question is then ignored."""
_QUESTION_ERRORS = {
    QuestionError.EMPTY: N_(
        "You did not write a question. Ask in a few words, such as: who met in Paris?"
    ),
    QuestionError.TOO_SHORT: N_(
        "One character is not enough to search for. Ask in a few words, such as: who met in Paris?"
    ),
    QuestionError.NO_WORDS: N_(
        "There are no words in your question, only symbols. Ask in Arabic, English or French."
    ),
}
_FIRST_STRONG, _POP = "\u2068", "\u2069"
DIRECTION_MARKS: Mapping[UiLanguage, str] = {"ar": "\u200f", "en": "\u200e", "fr": "\u200e"}
"""Direction marks (RLM, LRM) of a line: one of isolates has no direction without them."""
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL_CHARS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters (except line feed), lone surrogates, and Unicode line separators."""


def citation_runs(article: Article, lang: UiLanguage) -> list[str]:
    """Return the runs of a citation in `lang`, without the link: «source», «4 فبراير 2026، 12:51».

    A note says so if only the feed's summary is known.
    """
    runs = [source_text(article.source, lang), publication_date_text(article, lang)]
    if article.only_summary:
        runs.append(translator(lang).gettext("summary, not the whole article"))
    return runs


def publication_date_text(draft: Draft, lang: UiLanguage) -> str:
    """Format the date of publication, with a note if it is uncertain."""
    day = date_text(draft.published, lang)
    if draft.published is None or draft.date_found is not DateProvenance.UNCERTAIN:
        return day
    # Translators: {date}: a date.
    return translator(lang).gettext("{date} (date uncertain)").format(date=day)


def window_text(window: DateWindow, lang: UiLanguage) -> str:
    """Describe a date window in words; both ends are inclusive."""
    _ = translator(lang).gettext
    since, until = (_day_text(day, lang) for day in (window.since, window.until))
    if since and since == until:
        # Translators: {day}: a date.
        return _("on {day}").format(day=since)
    if since and until:
        # Translators: {since}: a date; {until}: a date.
        return _("from {since} to {until}").format(since=since, until=until)
    return (
        # Translators: {since}: a date.
        _("since {since}").format(since=since)
        if since
        # Translators: {until}: a date.
        else _("until {until}").format(until=until)
    )


def is_narrow(window: DateWindow | None) -> bool:
    """Return whether a window excludes any dates, so that it can be widened."""
    return window not in (None, ALL_DATES)


def search_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Say what was searched where it is not the question as written, all sources and all dates."""
    _ = translator(lang).gettext
    lines = []
    if answer.corrected or answer.understood:
        searched = answer.corrected or answer.understood or ""
        if answer.after:
            searched = searched.replace(": ", " — ")
        question = isolate(strip_controls(searched))
        # Translators: {question}: the question as it was understood.
        lines.append(_("Searched for: {question}").format(question=question))
    if answer.sources:
        sources = " · ".join(isolate(strip_controls(source)) for source in answer.sources)
        # Translators: {sources}: names of newspapers or other sources.
        lines.append(_("Searched only these sources: {sources}").format(sources=sources))
    if answer.window == ALL_DATES:
        lines.append(_("All dates were searched."))
    elif answer.window is not None:
        # Translators: {window}: a period, such as “since 4 February 2026”.
        dates = _("Searched only articles published {window}.")
        lines.append(dates.format(window=window_text(answer.window, lang)))
    return lines


def archive_end_lines(answer: Answer, stats: ArchiveStats, lang: UiLanguage) -> list[str]:
    """Say until when the archive reaches, if that is before the dates that were searched."""
    if not _is_after_archive(answer, stats) or stats.until is None:
        return []
    # Translators: {day}: a date.
    template = translator(lang).gettext("The newest article in the archive is from {day}.")
    return [template.format(day=date_text(stats.until, lang))]


def _is_after_archive(answer: Answer, stats: ArchiveStats) -> bool:
    """Return whether the dates that were searched begin after the archive's newest article."""
    since = answer.window.since if answer.window else None
    if since is None or stats.until is None:
        return False
    return to_date(since) > stats.until


def event_text(event_quotes: Sequence[Quote], lang: UiLanguage) -> str:
    """Return the first and the last day on which the quotes of an event were published."""
    days = list(filter(None, map(publication_day, event_quotes)))
    first, last = (date_text(day, lang) for day in (min(days), max(days)))
    return first if first == last else f"{first} – {last}"


def expired_answer_text(lang: UiLanguage) -> str:
    """Return what is said to a button under an answer whose state has expired."""
    return translator(lang).gettext("That answer is too old. Please ask again.")


def no_answer_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Say that no article answers, or that the searched dates contain no article."""
    _ = translator(lang).gettext
    if answer.window is None or answer.window == ALL_DATES:
        return [
            *search_lines(answer, lang),
            _("The archive has no answer to this question."),
        ]
    interpretation_lines = search_lines(answer.model_copy(update={"window": None}), lang)
    template = (
        # Translators: {window}: a period, such as “since 4 February 2026”.
        _("Nothing that was published {window} answers this question.")
        if answer.searched
        else _("Nothing in the archive was published {window}.")
    )
    return [*interpretation_lines, template.format(window=window_text(answer.window, lang))]


def answer_heading(answer: Answer, lang: UiLanguage) -> str:
    """Introduce the quotes of an answer, and say so if they may not answer."""
    _ = translator(lang).gettext
    if answer.confidence is Confidence.POSSIBLE:
        return _("This may answer your question:")
    return _("From the archive:")


def nearest_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Introduce the nearest passages, and say which dates they come from."""
    _ = translator(lang).gettext
    if is_narrow(answer.window) and not answer.searched:
        return [
            *no_answer_lines(answer, lang),
            _("The nearest passages outside those dates, which may not answer the question:"),
        ]
    return [
        *search_lines(answer, lang),
        _("The nearest passages, which may not answer the question:"),
    ]


def newest_on_subject_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    """Introduce the newest articles on a question's subject, whenever they were published."""
    return [
        *search_lines(answer.model_copy(update={"window": None}), lang),
        translator(lang).gettext(
            "The newest articles on this topic, which may not answer the question:"
        ),
    ]


def archive_contents_text(stats: ArchiveStats, lang: UiLanguage) -> str:
    """Describe the number of articles in the archive and their dates."""
    _ = translator(lang).gettext
    if not stats.articles:
        return _("The archive is empty: add articles with briefing add or briefing import.")
    # Translators: {articles}: a number of articles.
    count = _("Articles in the archive: {articles}").format(
        articles=number_text(stats.articles, lang)
    )
    if stats.since is None:
        return f"{count}."
    published = DateWindow(since=stats.since, until=stats.until)
    return f"{count} ({window_text(published, lang)})."


def question_error_text(error: InvalidQuestion, lang: UiLanguage) -> str:
    """Explain what is wrong with a question, and how to ask it."""
    if error.reason is QuestionError.TOO_LONG:
        # Translators: {length}: a number of characters; {longest}: the largest number allowed.
        template = translator(lang).ngettext(
            "Your question has {length} character; the limit is {longest}. Ask the "
            "one thing you want to know, in a sentence or two.",
            "Your question has {length} characters; the limit is {longest}. Ask the "
            "one thing you want to know, in a sentence or two.",
            error.length,
        )
    else:
        template = translator(lang).gettext(_QUESTION_ERRORS[error.reason])
    return template.format(
        length=number_text(error.length, lang),
        longest=number_text(MAX_QUESTION_LENGTH, lang),
    )


def strip_controls(text: str) -> str:
    """Replace control characters by spaces and delete bidi controls."""
    return _CONTROL_CHARS.sub(" ", _BIDI_CONTROLS.sub("", text))


def isolate(run: str) -> str:
    """Wrap a run of text in a bidi isolate (Unicode FSI … PDI)."""
    return f"{_FIRST_STRONG}{run}{_POP}"


def is_partly_highlighted(quote: Quote) -> bool:
    """Return whether the best sentence of a quote is only part of it, so that it can be marked."""
    return quote.highlight != (0, len(quote.text))


def _day_text(day: date | None, lang: UiLanguage) -> str:
    return date_text(day, lang) if day else ""


def archive_stats_text(stats: ArchiveStats, lang: UiLanguage) -> str:
    """Describe the archive to readers, who cannot add articles to it."""
    if not stats.articles:
        return translator(lang).gettext(
            "The archive is empty: no article has been added to it yet."
        )
    return archive_contents_text(stats, lang)


def story_coverage_text(story: Story, lang: UiLanguage) -> str | None:
    """Describe the numbers of a story's articles and independent sources; None for one article."""
    if len(story.articles) < 2:
        return None
    return (
        translator(lang)
        # Translators: {articles}: a number of articles; {sources}: a number of sources.
        .gettext("articles: {articles} · independent sources: {sources}")
        .format(
            articles=number_text(len(story.articles), lang),
            sources=number_text(story.rank_explanation.independent_sources, lang),
        )
    )


def story_counts_text(story: Story, lang: UiLanguage) -> str:
    """Describe the days of a story and, if it has several, its articles and their sources.

    The days are those of the bot's own time zone, because each source has its own clock.
    """
    days = dict.fromkeys(date_text(day, lang) for day in story.days or (None,))
    return " · ".join(filter(None, (" – ".join(days), story_coverage_text(story, lang))))


def rank_explanation_text(story: Story, lang: UiLanguage) -> str:
    """Explain the rank of a story: its score and the terms of its sum."""
    explanation = story.rank_explanation
    parts = {
        "score": explanation.score,
        "carried": explanation.source_score,
        "new": explanation.recency_score,
        "libyan": explanation.libya_score,
    }
    return (
        translator(lang)
        # Translators: {score}: the score; {carried}: its part for the number of sources; {new}:
        # its part for recency; {libyan}: its part for relevance to Libya.
        .gettext("Score {score} = sources {carried} + newness {new} + Libya {libyan}")
        .format(**{name: f"{value:.1f}" for name, value in parts.items()})
    )
