"""A story, laid out: its headline, dates and sources, and its quotes word for word."""

from __future__ import annotations

from bot.cli.render.answers import HighlightMarks, quote_lines
from bot.i18n.formats import date_text, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import isolate, strip_controls
from bot.i18n.translations import translator
from index.stories.models import Story


def render_story(number: int, story: Story, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Lay out a story for a terminal."""
    _ = translator(lang).gettext
    continued = _("continued")
    continuation = f" ({continued})" if story.continues else ""
    lines = [
        f"{number}. {isolate(strip_controls(story.headline))}{continuation}",
        f"   {story_counts_text(story, lang)}",
    ]
    for position, quote in enumerate(story.quotes, 1):
        lines += quote_lines(position, quote, lang, marks)
    return "\n".join(lines)


def story_counts_text(story: Story, lang: UiLanguage) -> str:
    """Say when a story was reported, in how many articles and by how many independent sources.

    It says the days of our own zone: each source's clock is its own.
    """
    days = dict.fromkeys(date_text(day, lang) for day in story.days or (None,))
    counts = (
        translator(lang)
        # Translators: {articles}: a number of articles; {sources}: a number of sources.
        .gettext("articles: {articles} · independent sources: {sources}")
        .format(
            articles=number_text(len(story.articles), lang),
            sources=number_text(story.rank_explanation.independent_sources, lang),
        )
    )
    return f"{' – '.join(days)} · {counts}"


def rank_explanation_text(story: Story, lang: UiLanguage) -> str:
    """Say why a story stands where it does: what its score is the sum of."""
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
        .gettext("Ranked {score} = sources {carried} + newness {new} + Libya {libyan}")
        .format(**{name: f"{value:.1f}" for name, value in parts.items()})
    )
