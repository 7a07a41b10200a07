"""Render a story for a terminal: its headline, dates, number of sources and quotes."""

from __future__ import annotations

from bot.cli.render.answers import HighlightMarks, quote_lines
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import isolate, story_counts_text, strip_controls
from bot.i18n.translations import translator
from index.stories.models import Story


def render_story(number: int, story: Story, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Render a story, numbered by its rank."""
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
