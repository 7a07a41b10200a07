"""An answer as a message: each quote in a block, its best sentence bold, then source and date.

Where there is no answer, the message says so, and buttons lead on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.i18n.catalogue import WORDS, UiLanguage, ui_language_of
from bot.i18n.phrases import archive_holds, cited, is_marked, is_narrow, no_answer, searched
from bot.i18n.phrases import nearest as nearest_head
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    MAX_URL_LENGTH,
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    clipped,
    joined,
    link,
    text,
    trusted_text,
    utf16,
)
from index.models import Answer, ArchiveStats, Article, Quote

MAX_ALSO_REPORTED_BY = 3
"""How many other articles with the same passage are named."""
_MAX_RUN_LENGTH = 150
_ROOM_FOR_A_QUOTE = MAX_MESSAGE_LENGTH - 1_500
"""What a quote may take beside the lines above and below it."""
_MARKS = {"ar": "\u200f", "en": "\u200e", "fr": "\u200e"}
"""A line of isolates has no direction of its own: an invisible letter gives it one."""


class RenderedAnswer(NamedTuple):
    """A message, and how many of the quotes it shows; the others had no room in it."""

    screen: OutgoingMessage
    quotes: int


def answered(
    found: Answer, lang: UiLanguage, key: int, *, late: bool, more: bool
) -> RenderedAnswer:
    """Lay out an answer; `key` is the update that asked, `more` whether there are more quotes."""
    words = WORDS[lang]
    head = [*_apology(lang, late=late), *searched(found, lang), words["found"]]
    wider = is_narrow(found.window)
    return quotes(head, found.quotes, lang, key, more=more, wider=wider)


def unanswered(
    found: Answer, holdings: ArchiveStats, lang: UiLanguage, key: int, *, late: bool
) -> OutgoingMessage:
    """Say that the archive has no answer, and what it holds; buttons lead to what else there is."""
    said = _apology(lang, late=late)
    if not holdings.articles:
        return OutgoingMessage(trusted_text("\n\n".join([*said, held(holdings, lang)])))
    said += [*no_answer(found, lang), held(holdings, lang)]
    further = follow_up_buttons(lang, key, near=bool(found.nearest), wider=is_narrow(found.window))
    return OutgoingMessage(trusted_text("\n\n".join(said)), further)


def nearest(
    found: Answer, lang: UiLanguage, key: int, *, more: bool, first: int = 1
) -> RenderedAnswer:
    """Lay out the passages nearest to a question without an answer, and call them that."""
    wider = is_narrow(found.window)
    head = nearest_head(found, lang)
    return quotes(head, found.nearest, lang, key, first=first, more=more, wider=wider)


def held(holdings: ArchiveStats, lang: UiLanguage) -> str:
    """Say what the archive holds, to readers, who cannot add to it."""
    if not holdings.articles:
        return WORDS[lang]["nothing held"]
    return archive_holds(holdings, lang)


def quotes(
    head: Sequence[str],
    shown: Sequence[Quote],
    lang: UiLanguage,
    key: int,
    *,
    first: int = 1,
    more: bool = False,
    wider: bool = False,
) -> RenderedAnswer:
    """Lay out the quotes that have room below `head`, at least one, numbered from `first`."""
    title = joined([bold(text(line)) for line in head], "\n")
    blocks = [title] if head else []
    count = 0
    for number, each in enumerate(shown, first):
        block = quote(number, each, lang)
        if count and not joined([*blocks, block], "\n\n").fits():
            break
        blocks.append(block)
        count += 1
    more = more or count < len(shown)
    further = follow_up_buttons(lang, key, more=more, wider=wider)
    laid = OutgoingMessage(
        joined(blocks, "\n\n"), (*around(count, lang, key, first=first), *further)
    )
    return RenderedAnswer(laid, count)


def around(count: int, lang: UiLanguage, key: int, *, first: int) -> Buttons:
    """Return the row of buttons that show the lines around each of `count` quotes."""
    label = WORDS[lang]["around"]
    row = tuple(
        Button(label.format(number=first + place), f"around:{key}:{place}")
        for place in range(count)
    )
    return (row,) if row else ()


def follow_up_buttons(
    lang: UiLanguage, key: int, *, more: bool = False, near: bool = False, wider: bool = False
) -> Buttons:
    """Return the buttons that go on from an answer, of which one is taken: a row for each."""
    wanted = {"more": more, "nearest": near, "all": wider}
    labels = {"more": "more", "nearest": "show nearest", "all": "widen"}
    return tuple(
        (Button(WORDS[lang][labels[what]], f"{what}:{key}"),)
        for what, is_there in wanted.items()
        if is_there
    )


def quote(number: int, quoted: Quote, lang: UiLanguage) -> HtmlText:
    """Lay out one quote, word for word, and its citation below it."""
    words = quoted.text
    start, end = quoted.highlight if is_marked(quoted) else (0, 0)
    if utf16(words) > _ROOM_FOR_A_QUOTE:
        words, start, end = clipped(words, _ROOM_FOR_A_QUOTE), 0, 0
    parts = [text(words[:start]), text(words[start:end]), text(words[end:])]
    if end:
        parts[1] = bold(parts[1])
    lines = [blockquote(joined(parts)), citation(quoted.article, lang, number)]
    if quoted.also:
        lines.append(_also(quoted, lang))
    return joined(lines, "\n")


def citation(article: Article, lang: UiLanguage, number: int | None = None) -> HtmlText:
    """Cite an article on a line of its own: «2. source · 4 فبراير 2026، 12:51 · link»."""
    mark = _MARKS[ui_language_of(article.language, lang)]
    opening = mark if number is None else f"{mark}{number}. "
    return joined([text(opening), _runs(article, lang)])


def _apology(lang: UiLanguage, *, late: bool) -> list[str]:
    return [WORDS[lang]["late"]] if late else []


def _runs(article: Article, lang: UiLanguage) -> HtmlText:
    runs = [bidi_isolate(text(clipped(run, _MAX_RUN_LENGTH))) for run in cited(article, lang)]
    if article.url and len(article.url) <= MAX_URL_LENGTH:
        runs.append(link(WORDS[lang]["link"], article.url))
    return joined(runs, " · ")


def _also(quoted: Quote, lang: UiLanguage) -> HtmlText:
    named = [bidi_isolate(_runs(other, lang)) for other in quoted.also[:MAX_ALSO_REPORTED_BY]]
    others = len(quoted.also) - len(named)
    if others:
        named.append(text(f"+{others}"))
    before, _, after = WORDS[lang]["also"].partition("{sources}")
    return joined([text(before), joined(named, " · "), text(after)])
