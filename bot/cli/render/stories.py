"""A story, laid out: its headline, dates and sources, and its quotes word for word."""

from __future__ import annotations

from bot.cli.render.answers import HighlightMarks, quote
from bot.i18n.catalogue import WORDS, Tongue, shown_date, shown_number
from bot.i18n.phrases import isolated, visible
from index.stories.models import Story


def plain(number: int, story: Story, tongue: Tongue, marks: HighlightMarks) -> str:
    """Lay out a story for a terminal."""
    words = WORDS[tongue]
    again = f" ({words['continues']})" if story.continues else ""
    lines = [
        f"{number}. {isolated(visible(story.headline))}{again}",
        f"   {counted(story, tongue)}",
    ]
    for place, each in enumerate(story.quotes, 1):
        lines += quote(place, each, tongue, marks)
    return "\n".join(lines)


def counted(story: Story, tongue: Tongue) -> str:
    """Say when a story was reported, in how many articles and by how many independent sources.

    It says the days of our own zone: each source's clock is its own.
    """
    days = dict.fromkeys(shown_date(each, tongue) for each in story.days or (None,))
    counts = WORDS[tongue]["story counts"].format(
        articles=shown_number(len(story.articles), tongue),
        sources=shown_number(story.why.sources, tongue),
    )
    return f"{' – '.join(days)} · {counts}"


def why(story: Story, tongue: Tongue) -> str:
    """Say why a story stands where it does: what its score is the sum of."""
    of = story.why
    parts = {"score": of.score, "carried": of.carried, "new": of.new, "libyan": of.libyan}
    return WORDS[tongue]["why"].format(**{name: f"{value:.1f}" for name, value in parts.items()})
