"""An answer as a message: each quote in a block, its best sentence bold, then source and date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.screens.phrases import archive_holds, cited, is_marked, window
from bot.screens.screen import (
    LONGEST_LINK,
    LONGEST_MESSAGE,
    Button,
    Buttons,
    Rich,
    Screen,
    apart,
    blockquote,
    bold,
    clipped,
    joined,
    link,
    own,
    text,
    utf16,
)
from bot.words import WORDS, Tongue, tongue_of
from index.article import Answer, Article, Holdings, Quote

MOST_ALSO = 3
"""How many other articles with the same passage are named."""
_LONGEST_RUN = 150
_ROOM_FOR_A_QUOTE = LONGEST_MESSAGE - 1_500
"""What a quote may take beside the lines above and below it."""
_MARKS = {"ar": "\u200f", "en": "\u200e", "fr": "\u200e"}
"""A line of isolates has no direction of its own: an invisible letter gives it one."""


class Laid(NamedTuple):
    """A message, and how many of the quotes it shows; the others had no room in it."""

    screen: Screen
    quotes: int


def answered(found: Answer, tongue: Tongue, key: int, *, late: bool, more: bool) -> Laid:
    """Lay out an answer; `key` is the update that asked, `more` whether there are more quotes."""
    words = WORDS[tongue]
    head = [words["late"]] if late else []
    if found.window:
        head.append(words["searched"].format(window=window(found.window, tongue)))
    return quotes([*head, words["closest"]], found.quotes, tongue, key, more=more)


def unanswered(
    found: Answer, holdings: Holdings, tongue: Tongue, key: int, *, late: bool
) -> Screen:
    """Say that the archive has no answer, and what it holds; the nearest lies behind a button."""
    words = WORDS[tongue]
    said = [words["late"]] if late else []
    if found.window:
        said.append(words["nothing"].format(window=window(found.window, tongue)))
    elif holdings.articles:
        said.append(words["none"])
    said.append(held(holdings, tongue))
    nearest = ((Button(words["show nearest"], f"nearest:{key}"),),) if found.nearest else ()
    return Screen(own("\n\n".join(said)), nearest)


def held(holdings: Holdings, tongue: Tongue) -> str:
    """Say what the archive holds, to readers, who cannot add to it."""
    if not holdings.articles:
        return WORDS[tongue]["nothing held"]
    return archive_holds(holdings, tongue)


def quotes(
    head: Sequence[str],
    shown: Sequence[Quote],
    tongue: Tongue,
    key: int,
    *,
    first: int = 1,
    more: bool = False,
) -> Laid:
    """Lay out the quotes that have room below `head`, at least one, numbered from `first`."""
    title = joined([bold(text(line)) for line in head], "\n")
    blocks = [title] if head else []
    count = 0
    for number, each in enumerate(shown, first):
        block = quote(number, each, tongue)
        if count and not joined([*blocks, block], "\n\n").fits():
            break
        blocks.append(block)
        count += 1
    laid = joined(blocks, "\n\n")
    more = more or count < len(shown)
    return Laid(Screen(laid, buttons(count, tongue, key, first=first, more=more)), count)


def buttons(count: int, tongue: Tongue, key: int, *, first: int, more: bool) -> Buttons:
    """Return the buttons below `count` quotes: the lines around each one, and more quotes."""
    words = WORDS[tongue]
    around = tuple(
        Button(words["around"].format(number=first + place), f"around:{key}:{place}")
        for place in range(count)
    )
    return (around, (Button(words["more"], f"more:{key}"),)) if more else (around,)


def quote(number: int, quoted: Quote, tongue: Tongue) -> Rich:
    """Lay out one quote, word for word, and its citation below it."""
    words = quoted.text
    start, end = quoted.highlight if is_marked(quoted) else (0, 0)
    if utf16(words) > _ROOM_FOR_A_QUOTE:
        words, start, end = clipped(words, _ROOM_FOR_A_QUOTE), 0, 0
    parts = [text(words[:start]), text(words[start:end]), text(words[end:])]
    if end:
        parts[1] = bold(parts[1])
    lines = [blockquote(joined(parts)), citation(quoted.article, tongue, number)]
    if quoted.also:
        lines.append(_also(quoted, tongue))
    return joined(lines, "\n")


def citation(article: Article, tongue: Tongue, number: int | None = None) -> Rich:
    """Cite an article on a line of its own: «2. source · 4 فبراير 2026، 12:51 · link»."""
    mark = _MARKS[tongue_of(article.language, tongue)]
    opening = mark if number is None else f"{mark}{number}. "
    return joined([text(opening), _runs(article, tongue)])


def _runs(article: Article, tongue: Tongue) -> Rich:
    runs = [apart(text(clipped(run, _LONGEST_RUN))) for run in cited(article, tongue)]
    if article.url and len(article.url) <= LONGEST_LINK:
        runs.append(link(WORDS[tongue]["link"], article.url))
    return joined(runs, " · ")


def _also(quoted: Quote, tongue: Tongue) -> Rich:
    named = [apart(_runs(other, tongue)) for other in quoted.also[:MOST_ALSO]]
    others = len(quoted.also) - len(named)
    if others:
        named.append(text(f"+{others}"))
    before, _, after = WORDS[tongue]["also"].partition("{sources}")
    return joined([text(before), joined(named, " · "), text(after)])
