"""An edition as a message: its days, then each story with its quotes in a block, read in a minute.

Of each quote the marked sentence is shown, whole; the passages around it stand in the story's own
message.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens import answer
from bot.screens.phrases import window as days_of
from bot.screens.screen import (
    LONGEST_MESSAGE,
    Button,
    Rich,
    Screen,
    apart,
    blockquote,
    bold,
    clipped,
    joined,
    own,
    text,
    utf16,
)
from bot.screens.stories import counted
from bot.words import WORDS, Tongue, shown_number
from index.article import Quote, Window
from index.stories.story import Story

PER_MESSAGE = 5
"""Stories of one message."""
_LONGEST_HEADLINE = 250
_LONGEST_QUOTE = 1_200
"""A longer sentence is left out where it adds to a lead."""
_LONGEST_LEAD = LONGEST_MESSAGE // 2
"""What a lead's sentence may take; only a longer one is cut."""


def edition(
    stories: Sequence[Story], first: int, window: Window, tongue: Tongue, data: str
) -> Screen:
    """Lay out the page that has the story at place `first`: as many as have room, at least one.

    `data` and a place, or a story's number, lead to the other pages, or to a story in full.
    """
    words = WORDS[tongue]
    count = shown_number(len(stories), tongue)
    head = bold(own(words["edition"].format(window=days_of(window, tongue), count=count)))
    before: int | None = None
    start, blocks = 0, _page(head, stories, 0, tongue)
    while start + len(blocks) <= min(first, len(stories) - 1):
        before, start = start, start + len(blocks)
        blocks = _page(head, stories, start, tongue)
    end = start + len(blocks)
    full = tuple(
        Button(words["whole story"].format(number=number), f"story:{data}:{of.articles[0].number}")
        for number, of in enumerate(stories[start:end], start + 1)
    )
    turns = []
    if before is not None:
        turns.append(Button("◀", f"edition:{data}:{before}"))
    if end < len(stories):
        turns.append(Button(words["more stories"], f"edition:{data}:{end}"))
    rows = (full[:3], full[3:], tuple(turns))
    return Screen(joined([head, *blocks], "\n\n"), tuple(row for row in rows if row))


def _page(head: Rich, stories: Sequence[Story], start: int, tongue: Tongue) -> list[Rich]:
    """Return the stories from a place on that have room below `head`, at least one."""
    blocks: list[Rich] = []
    for number, each in enumerate(stories[start : start + PER_MESSAGE], start + 1):
        block = _story(number, each, tongue)
        if blocks and not joined([head, *blocks, block], "\n\n").fits():
            break
        blocks.append(block)
    return blocks


def nothing(window: Window, held: str, tongue: Tongue) -> Screen:
    """Say that nothing was published then, and what the archive has."""
    said = WORDS[tongue]["nothing"].format(window=days_of(window, tongue))
    return Screen(own(f"{said}\n\n{held}"))


def whole(story: Story, tongue: Tongue) -> Screen:
    """Lay out one story in full: its passages, and its articles, as many as have room."""
    blocks = [_headline(None, story, tongue), own(counted(story, tongue))]
    for number, each in enumerate(story.quotes, 1):
        blocks.append(answer.quote(number, each, tongue))
    listed = [bold(own(WORDS[tongue]["all articles"]))]
    for article in story.articles:
        line = answer.citation(article, tongue)
        if not joined([*blocks, joined([*listed, line], "\n")], "\n\n").fits():
            break
        listed.append(line)
    left = len(story.articles) - (len(listed) - 1)
    if left:
        listed.append(own(f"+{shown_number(left, tongue)}"))
    laid = joined([*blocks, joined(listed, "\n")], "\n\n")
    return Screen(laid if laid.fits() else joined(blocks[:3], "\n\n"))


def _story(number: int, story: Story, tongue: Tongue) -> Rich:
    quoted = [_quoted(each, tongue) for each in story.quotes[1:] if _is_short(each)]
    lead = [_quoted(story.quotes[0], tongue)] if story.quotes else []
    lines = [_headline(number, story, tongue)]
    lines += [blockquote(each) for each in (*lead, *quoted)]
    lines.append(own(counted(story, tongue)))
    return joined(lines, "\n")


def _headline(number: int | None, story: Story, tongue: Tongue) -> Rich:
    runs = [] if number is None else [own(f"{number}.")]
    runs.append(bold(apart(text(clipped(story.headline, _LONGEST_HEADLINE)))))
    if story.continues:
        runs.append(own(f"({WORDS[tongue]['continues']})"))
    return joined(runs, " ")


def _quoted(of: Quote, tongue: Tongue) -> Rich:
    sentence = clipped(of.text[slice(*of.highlight)], _LONGEST_LEAD)
    return joined([text(sentence), answer.citation(of.article, tongue)], "\n")


def _is_short(of: Quote) -> bool:
    return utf16(of.text[slice(*of.highlight)]) <= _LONGEST_QUOTE
