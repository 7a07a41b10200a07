"""A story, laid out: its headline, dates and sources, and its quotes word for word."""

from __future__ import annotations

from bot.cli.render.answers import HighlightMarks, quote
from bot.i18n.catalogue import WORDS, UiLanguage, shown_date, shown_number
from bot.i18n.phrases import isolated, visible
from index.stories.models import Story


def plain(number: int, story: Story, lang: UiLanguage, marks: HighlightMarks) -> str:
    """Lay out a story for a terminal."""
    words = WORDS[lang]
    again = f" ({words['continues']})" if story.continues else ""
    lines = [
        f"{number}. {isolated(visible(story.headline))}{again}",
        f"   {counted(story, lang)}",
    ]
    for place, each in enumerate(story.quotes, 1):
        lines += quote(place, each, lang, marks)
    return "\n".join(lines)


def counted(story: Story, lang: UiLanguage) -> str:
    """Say when a story was reported, in how many articles and by how many independent sources.

    It says the days of our own zone: each source's clock is its own.
    """
    days = dict.fromkeys(shown_date(each, lang) for each in story.days or (None,))
    counts = WORDS[lang]["story counts"].format(
        articles=shown_number(len(story.articles), lang),
        sources=shown_number(story.why.sources, lang),
    )
    return f"{' – '.join(days)} · {counts}"


def why(story: Story, lang: UiLanguage) -> str:
    """Say why a story stands where it does: what its score is the sum of."""
    of = story.why
    parts = {"score": of.score, "carried": of.carried, "new": of.new, "libyan": of.libyan}
    return WORDS[lang]["why"].format(**{name: f"{value:.1f}" for name, value in parts.items()})
