"""An edition as a message: its days, then each story with its quotes in a block, read in a minute.

Of each quote the marked sentence is shown, whole; the passages around it stand in the story's own
message.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import views
from bot.cli.render.stories import counted, why
from bot.digest.payloads import EditionPayload
from bot.i18n.catalogue import WORDS, UiLanguage, shown_date, shown_number
from bot.i18n.digest_strings import BRIEFING
from bot.i18n.phrases import window as days_of
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    Button,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    clipped,
    joined,
    text,
    trusted_text,
    utf16,
)
from index.models import Article, DateWindow, Quote
from index.stories.models import Story

PER_MESSAGE = 5
"""Stories of one message of an edition that somebody asks for."""
_MAX_HEADLINE_LENGTH = 250
_MAX_WATCHED_LENGTH = 100
_MAX_QUOTE_LENGTH = 1_200
"""A longer sentence is left out where it adds to a lead."""
_MAX_LEAD_LENGTH = MAX_MESSAGE_LENGTH // 2
"""What a lead's sentence may take; only a longer one is cut."""


def edition(
    stories: Sequence[Story], first: int, window: DateWindow, lang: UiLanguage, data: str
) -> OutgoingMessage:
    """Lay out the page that has the story at place `first`: as many as have room, at least one.

    `data` and a place, or a story's number, lead to the other pages, or to a story in full.
    """
    count = shown_number(len(stories), lang)
    said = WORDS[lang]["edition"].format(window=days_of(window, lang), count=count)
    return _laid(bold(trusted_text(said)), stories, first, lang, data, PER_MESSAGE)


def briefing(
    stories: Sequence[Story], first: int, of: EditionPayload, lang: UiLanguage, data: str
) -> OutgoingMessage:
    """Lay out a page of a subscriber's edition as `edition` does, with what it leads to."""
    words, day = BRIEFING[lang], shown_date(of.day, lang)
    count = shown_number(len(stories), lang)
    said = [bold(trusted_text(words["briefing"].format(day=day, count=count)))]
    if of.missed:
        days = "، " if lang == "ar" else ", "
        missed = days.join(shown_date(each, lang) for each in of.missed)
        said.append(trusted_text(words["missed"].format(days=missed)))
    if not stories:
        said.append(trusted_text(words["no news on topics" if of.include else "no news"]))
    head = joined(said, "\n\n")
    laid = _laid(head, stories, first, lang, data, of.length) if stories else OutgoingMessage(head)
    if of.bare:
        return OutgoingMessage(laid.text)
    chart = (Button(words["chart"], f"chart:{data}"),) if stories else ()
    below = (*chart, Button(words["settings"], "sub:show"))
    return OutgoingMessage(laid.text, (*laid.buttons, below))


def _laid(
    head: HtmlText, stories: Sequence[Story], first: int, lang: UiLanguage, data: str, most: int
) -> OutgoingMessage:
    words = WORDS[lang]
    before: int | None = None
    start, blocks = 0, _page(head, stories, 0, lang, most)
    while start + len(blocks) <= min(first, len(stories) - 1):
        before, start = start, start + len(blocks)
        blocks = _page(head, stories, start, lang, most)
    end = start + len(blocks)
    label = words["whole story"] if len(blocks) <= PER_MESSAGE else "{number}"
    full = tuple(
        Button(label.format(number=number), f"story:{data}:{of.articles[0].number}")
        for number, of in enumerate(stories[start:end], start + 1)
    )
    turns = []
    if before is not None:
        turns.append(Button("◀", f"edition:{data}:{before}"))
    if end < len(stories):
        turns.append(Button(words["more stories"], f"edition:{data}:{end}"))
    row = 3 if len(blocks) <= PER_MESSAGE else 5
    rows = (full[:row], full[row:], tuple(turns))
    return OutgoingMessage(joined([head, *blocks], "\n\n"), tuple(row for row in rows if row))


def _page(
    head: HtmlText, stories: Sequence[Story], start: int, lang: UiLanguage, most: int
) -> list[HtmlText]:
    """Return the stories from a place on that have room below `head`, at least one."""
    blocks: list[HtmlText] = []
    for number, each in enumerate(stories[start : start + most], start + 1):
        block = _story(number, each, lang)
        if blocks and not joined([head, *blocks, block], "\n\n").fits():
            break
        blocks.append(block)
    return blocks


def nothing(window: DateWindow, held: str, lang: UiLanguage) -> OutgoingMessage:
    """Say that nothing was published then, and what the archive has."""
    said = WORDS[lang]["nothing"].format(window=days_of(window, lang))
    return OutgoingMessage(trusted_text(f"{said}\n\n{held}"))


def whole(story: Story, lang: UiLanguage) -> OutgoingMessage:
    """Lay out one story in full, with its reasons, its passages, and as many articles as fit."""
    blocks = [
        _headline(None, story, lang),
        trusted_text(f"{counted(story, lang)}\n{why(story, lang)}"),
    ]
    for number, each in enumerate(story.quotes, 1):
        blocks.append(views.quote(number, each, lang))
    listed = [bold(trusted_text(WORDS[lang]["all articles"]))]
    for article in story.articles:
        line = views.citation(article, lang)
        if not joined([*blocks, joined([*listed, line], "\n")], "\n\n").fits():
            break
        listed.append(line)
    left = len(story.articles) - (len(listed) - 1)
    if left:
        listed.append(trusted_text(f"+{shown_number(left, lang)}"))
    laid = joined([*blocks, joined(listed, "\n")], "\n\n")
    return OutgoingMessage(laid if laid.fits() else joined(blocks[:3], "\n\n"))


def _story(number: int, story: Story, lang: UiLanguage) -> HtmlText:
    quoted = [_quoted(each, lang) for each in story.quotes[1:] if _is_short(each)]
    lead = [_quoted(story.quotes[0], lang)] if story.quotes else []
    lines = [_headline(number, story, lang)]
    lines += [blockquote(each) for each in (*lead, *quoted)]
    lines.append(trusted_text(counted(story, lang)))
    return joined(lines, "\n")


def _headline(number: int | None, story: Story, lang: UiLanguage) -> HtmlText:
    runs = [] if number is None else [trusted_text(f"{number}.")]
    runs.append(bold(bidi_isolate(text(clipped(story.headline, _MAX_HEADLINE_LENGTH)))))
    if story.continues:
        runs.append(trusted_text(f"({WORDS[lang]['continues']})"))
    return joined(runs, " ")


def _quoted(of: Quote, lang: UiLanguage) -> HtmlText:
    sentence = clipped(of.text[slice(*of.highlight)], _MAX_LEAD_LENGTH)
    return joined([text(sentence), views.citation(of.article, lang)], "\n")


def _is_short(of: Quote) -> bool:
    return utf16(of.text[slice(*of.highlight)]) <= _MAX_QUOTE_LENGTH


def alert(watched: str, quote: Quote, lang: UiLanguage, data: str) -> OutgoingMessage:
    """Lay out a word at once: what is watched, and the sentence of the article that is about it."""
    words = BRIEFING[lang]
    said = [
        joined(
            [
                trusted_text(words["alert"]),
                bold(bidi_isolate(text(clipped(watched, _MAX_WATCHED_LENGTH)))),
            ],
            " ",
        ),
        bold(bidi_isolate(text(clipped(quote.article.headline, _MAX_HEADLINE_LENGTH)))),
        blockquote(_quoted(quote, lang)),
    ]
    return OutgoingMessage(joined(said, "\n"), ((Button(words["unwatch"], f"unwatch:{data}"),),))


def summary(found: Sequence[tuple[str, Article]], count: int, lang: UiLanguage) -> OutgoingMessage:
    """Lay out what came on top of a day's alerts, one line each, as many as have room."""
    words = BRIEFING[lang]
    lines = [bold(trusted_text(words["summary"].format(count=shown_number(count, lang))))]
    for watched, article in found:
        line = joined(
            [
                joined(
                    [
                        bold(bidi_isolate(text(clipped(watched, _MAX_WATCHED_LENGTH)))),
                        trusted_text("—"),
                    ],
                    " ",
                ),
                bidi_isolate(text(clipped(article.headline, _MAX_HEADLINE_LENGTH))),
                views.citation(article, lang),
            ],
            "\n",
        )
        if not joined([*lines, line], "\n\n").fits():
            break
        lines.append(line)
    return OutgoingMessage(joined(lines, "\n\n"))
