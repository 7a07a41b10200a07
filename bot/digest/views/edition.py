"""An edition as a message: its days, then each story with its quotes in a block, read in a minute.

Of each quote the marked sentence is shown, whole; the passages around it stand in the story's own
message.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.digest.payloads import EditionPayload
from bot.i18n.formats import date_text, list_separator, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import rank_explanation_text, story_counts_text
from bot.i18n.phrases import window_text as days_of
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    Button,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
    utf16_length,
)
from bot.views import quotes
from index.models import Article, DateWindow, Quote
from index.stories.models import Story

STORIES_PER_MESSAGE = 5
"""Stories of one message of an edition that somebody asks for."""
_MAX_HEADLINE_LENGTH = 250
_MAX_WATCHED_LENGTH = 100
_MAX_QUOTE_LENGTH = 1_200
"""A longer sentence is left out where it adds to a lead."""
_MAX_LEAD_LENGTH = MAX_MESSAGE_LENGTH // 2
"""What a lead's sentence may take; only a longer one is cut."""


def render_edition_page(
    stories: Sequence[Story],
    first_index: int,
    window: DateWindow,
    lang: UiLanguage,
    callback_key: str,
) -> OutgoingMessage:
    """Lay out the page that has the story at place `first_index`: as many as have room, at least one.

    `callback_key` and a place, or a story's number, lead to the other pages, or to a story in full.

    """
    count = number_text(len(stories), lang)
    heading = (
        translator(lang)
        # Translators: {window}: a period, such as “since 4 February 2026”; {count}: a number of
        # stories.
        .gettext("The news {window} · stories: {count}")
        .format(window=days_of(window, lang), count=count)
    )
    return _render_page(
        bold(trusted_text(heading)), stories, first_index, lang, callback_key, STORIES_PER_MESSAGE
    )


def render_sent_edition_page(
    stories: Sequence[Story],
    first_index: int,
    edition: EditionPayload,
    lang: UiLanguage,
    callback_key: str,
) -> OutgoingMessage:
    """Lay out a page of a subscriber's edition as `render_edition_page` does, with what it leads to."""
    _ = translator(lang).gettext
    day = date_text(edition.day, lang)
    count = number_text(len(stories), lang)
    head_parts = [
        # Translators: {day}: a date; {count}: a number of stories.
        bold(trusted_text(_("Digest of {day} · stories: {count}").format(day=day, count=count)))
    ]
    if edition.missed:
        missed_days = list_separator(lang).join(
            date_text(missed_day, lang) for missed_day in edition.missed
        )
        head_parts.append(
            trusted_text(
                # Translators: {days}: a list of dates.
                _(
                    "The editions of these days did not reach you, because I was away: {days}"
                ).format(days=missed_days)
            )
        )
    if not stories:
        head_parts.append(
            trusted_text(
                _("There is nothing new about your topics.")
                if edition.include
                else _("There is no news.")
            )
        )
    head = join_html(head_parts, "\n\n")
    page = (
        _render_page(head, stories, first_index, lang, callback_key, edition.length)
        if stories
        else OutgoingMessage(head)
    )
    if edition.bare:
        return OutgoingMessage(page.text)
    # Translators: Button.
    chart_buttons = (Button(_("📊 Most mentioned"), f"chart:{callback_key}"),) if stories else ()
    # Translators: Button.
    footer_row = (*chart_buttons, Button(_("⚙ Settings"), "sub:show"))
    return OutgoingMessage(page.text, (*page.buttons, footer_row))


def _render_page(
    head: HtmlText,
    stories: Sequence[Story],
    first_index: int,
    lang: UiLanguage,
    callback_key: str,
    max_stories: int,
) -> OutgoingMessage:
    _ = translator(lang).gettext
    previous_start: int | None = None
    start, blocks = 0, _fit_stories(head, stories, 0, lang, max_stories)
    while start + len(blocks) <= min(first_index, len(stories) - 1):
        previous_start, start = start, start + len(blocks)
        blocks = _fit_stories(head, stories, start, lang, max_stories)
    end = start + len(blocks)
    # Translators: Button. {number}: the story's number.
    label = _("Story {number} in full") if len(blocks) <= STORIES_PER_MESSAGE else "{number}"
    story_buttons = tuple(
        Button(label.format(number=number), f"story:{callback_key}:{story.articles[0].number}")
        for number, story in enumerate(stories[start:end], start + 1)
    )
    page_buttons = []
    if previous_start is not None:
        page_buttons.append(Button("◀", f"edition:{callback_key}:{previous_start}"))
    if end < len(stories):
        # Translators: Button.
        page_buttons.append(Button(_("More stories"), f"edition:{callback_key}:{end}"))
    row_length = 3 if len(blocks) <= STORIES_PER_MESSAGE else 5
    rows = (story_buttons[:row_length], story_buttons[row_length:], tuple(page_buttons))
    return OutgoingMessage(join_html([head, *blocks], "\n\n"), tuple(row for row in rows if row))


def _fit_stories(
    head: HtmlText, stories: Sequence[Story], start: int, lang: UiLanguage, max_stories: int
) -> list[HtmlText]:
    """Return the stories from a place on that have room below `head`, at least one."""
    blocks: list[HtmlText] = []
    for number, story in enumerate(stories[start : start + max_stories], start + 1):
        block = _render_story_block(number, story, lang)
        if blocks and not join_html([head, *blocks, block], "\n\n").fits():
            break
        blocks.append(block)
    return blocks


def render_nothing_published(
    window: DateWindow, archive_summary: str, lang: UiLanguage
) -> OutgoingMessage:
    """Say that nothing was published then, and what the archive has."""
    heading = (
        translator(lang)
        .gettext("Nothing in the archive was published {window}.")
        .format(window=days_of(window, lang))
    )
    return OutgoingMessage(trusted_text(f"{heading}\n\n{archive_summary}"))


def render_story(story: Story, lang: UiLanguage) -> OutgoingMessage:
    """Lay out one story in full, with its reasons, its passages, and as many articles as fit."""
    blocks = [
        _render_headline(None, story, lang),
        trusted_text(f"{story_counts_text(story, lang)}\n{rank_explanation_text(story, lang)}"),
    ]
    for number, quote in enumerate(story.quotes, 1):
        blocks.append(quotes.render_quote(number, quote, lang))
    article_lines = [bold(trusted_text(translator(lang).gettext("All its articles:")))]
    for article in story.articles:
        line = quotes.render_citation(article, lang)
        if not join_html([*blocks, join_html([*article_lines, line], "\n")], "\n\n").fits():
            break
        article_lines.append(line)
    remaining = len(story.articles) - (len(article_lines) - 1)
    if remaining:
        article_lines.append(trusted_text(f"+{number_text(remaining, lang)}"))
    html = join_html([*blocks, join_html(article_lines, "\n")], "\n\n")
    return OutgoingMessage(html if html.fits() else join_html(blocks[:3], "\n\n"))


def _render_story_block(number: int, story: Story, lang: UiLanguage) -> HtmlText:
    more_quotes = [_render_quote(quote, lang) for quote in story.quotes[1:] if _is_short(quote)]
    lead = [_render_quote(story.quotes[0], lang)] if story.quotes else []
    lines = [_render_headline(number, story, lang)]
    lines += [blockquote(block) for block in (*lead, *more_quotes)]
    lines.append(trusted_text(story_counts_text(story, lang)))
    return join_html(lines, "\n")


def _render_headline(number: int | None, story: Story, lang: UiLanguage) -> HtmlText:
    runs = [] if number is None else [trusted_text(f"{number}.")]
    runs.append(bold(bidi_isolate(plain_text(truncate(story.headline, _MAX_HEADLINE_LENGTH)))))
    if story.continues:
        continued = translator(lang).gettext("continued")
        runs.append(trusted_text(f"({continued})"))
    return join_html(runs, " ")


def _render_quote(quote: Quote, lang: UiLanguage) -> HtmlText:
    sentence = truncate(quote.text[slice(*quote.highlight)], _MAX_LEAD_LENGTH)
    return join_html([plain_text(sentence), quotes.render_citation(quote.article, lang)], "\n")


def _is_short(quote: Quote) -> bool:
    return utf16_length(quote.text[slice(*quote.highlight)]) <= _MAX_QUOTE_LENGTH


def render_alert(topic: str, quote: Quote, lang: UiLanguage, callback_key: str) -> OutgoingMessage:
    """Lay out a word at once: what is watched, and the sentence of the article that is about it."""
    _ = translator(lang).gettext
    parts = [
        join_html(
            [
                trusted_text("🔔"),
                bold(bidi_isolate(plain_text(truncate(topic, _MAX_WATCHED_LENGTH)))),
            ],
            " ",
        ),
        bold(bidi_isolate(plain_text(truncate(quote.article.headline, _MAX_HEADLINE_LENGTH)))),
        blockquote(_render_quote(quote, lang)),
    ]
    return OutgoingMessage(
        join_html(parts, "\n"),
        # Translators: Button.
        ((Button(_("Stop this alert"), f"unwatch:{callback_key}"),),),
    )


def render_alert_summary(
    alerts: Sequence[tuple[str, Article]], count: int, lang: UiLanguage
) -> OutgoingMessage:
    """Lay out what came on top of a day's alerts, one line each, as many as have room."""
    _ = translator(lang).gettext
    lines = [
        # Translators: {count}: a number of alerts.
        bold(trusted_text(_("🔔 More alerts: {count}").format(count=number_text(count, lang))))
    ]
    for topic, article in alerts:
        line = join_html(
            [
                join_html(
                    [
                        bold(bidi_isolate(plain_text(truncate(topic, _MAX_WATCHED_LENGTH)))),
                        trusted_text("—"),
                    ],
                    " ",
                ),
                bidi_isolate(plain_text(truncate(article.headline, _MAX_HEADLINE_LENGTH))),
                quotes.render_citation(article, lang),
            ],
            "\n",
        )
        if not join_html([*lines, line], "\n\n").fits():
            break
        lines.append(line)
    return OutgoingMessage(join_html(lines, "\n\n"))
