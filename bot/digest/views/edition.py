"""Render editions, stories, alerts and summaries as messages.

An edition has a heading with its days, then each story with its quotes in blocks, short enough to
read in a minute. Of each quote it shows the highlighted sentence in full; the message of a single
story shows the whole passage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

from bot.digest.callbacks import (
    EditionCallback,
    SentEditionCallback,
    SettingsAction,
    WatchCallback,
)
from bot.digest.payloads import EditionPayload
from bot.i18n.formats import date_text, list_separator, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import DIRECTION_MARKS, story_coverage_text, window_text
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
"""Maximum of stories in one message of a requested edition."""
_MAX_HEADLINE_LENGTH = 250
_MAX_WATCHED_LENGTH = 100
"""UTF-16 code units, as all lengths here."""
_MAX_QUOTE_LENGTH = 1_200
"""Omit a longer sentence, except in the first quote of a story."""
_MAX_LEAD_LENGTH = MAX_MESSAGE_LENGTH // 2
"""Truncate a sentence that is longer than this."""

_PackCallback = Callable[[Literal["edition", "story"], int], str]
"""Returns the callback data of a page (by the position of a story) or a story (by an article)."""


def render_edition_page(
    stories: Sequence[Story],
    first_index: int,
    since: date,
    until: date,
    lang: UiLanguage,
) -> OutgoingMessage:
    """Render the page of a requested edition that contains the story at position `first_index`.

    A page contains as many stories as fit, at most `STORIES_PER_MESSAGE` and at least one. Its
    buttons lead to the other pages and to each story in full. The days from `since` to `until`,
    both inclusive, identify the edition.
    """

    def pack_callback(action: Literal["edition", "story"], number: int) -> str:
        return EditionCallback(action=action, since=since, until=until, number=number).pack()

    window = DateWindow(since=since, until=until)
    count = number_text(len(stories), lang)
    heading = (
        translator(lang)
        # Translators: {window}: a period, such as “since 4 February 2026”; {count}: a number of
        # stories.
        .gettext("The news {window} · stories: {count}")
        .format(window=window_text(window, lang), count=count)
    )
    head = bold(trusted_text(heading))
    return _render_page(head, stories, first_index, lang, pack_callback, STORIES_PER_MESSAGE)


def render_sent_edition_page(
    stories: Sequence[Story],
    first_index: int,
    edition: EditionPayload,
    lang: UiLanguage,
    content_number: int,
) -> OutgoingMessage:
    """Render a page of a delivered edition, given by its content number.

    It is like a page of `render_edition_page`, with up to `edition.length` stories, the days that
    were missed, and buttons for the chart and the settings.
    """

    def pack_callback(action: Literal["edition", "story"], number: int) -> str:
        return SentEditionCallback(
            action=action, content_number=content_number, number=number
        ).pack()

    _ = translator(lang).gettext
    day = date_text(edition.day, lang)
    count = number_text(len(stories), lang)
    title = (
        # Translators: {day}: a date; {count}: a number of stories.
        _("Digest of {day} · stories: {count}").format(day=day, count=count)
        if stories
        # Translators: {day}: a date.
        else _("Digest of {day}").format(day=day)
    )
    head_parts = [bold(trusted_text(title))]
    if edition.missed:
        missed_days = list_separator(lang).join(
            date_text(missed_day, lang) for missed_day in edition.missed
        )
        head_parts.append(
            trusted_text(
                # Translators: {days}: a list of dates.
                _(
                    "The digests of these days did not reach you because I was offline: {days}"
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
    if stories and not edition.length:
        head_parts.append(
            trusted_text(
                _(
                    "This digest is too long for one message. /digest now shows the news of "
                    "yesterday and today."
                )
            )
        )
    head = join_html(head_parts, "\n\n")
    page = (
        _render_page(head, stories, first_index, lang, pack_callback, edition.length)
        if stories and edition.length
        else OutgoingMessage(head)
    )
    if edition.bare:
        return OutgoingMessage(page.text)
    chart_callback = SentEditionCallback(action="chart", content_number=content_number)
    # Translators: Button.
    chart_buttons = (Button(_("📊 Most mentioned"), chart_callback.pack()),) if stories else ()
    # Translators: Button.
    footer_row = (*chart_buttons, Button(_("⚙ Settings"), SettingsAction(name="show").pack()))
    return OutgoingMessage(page.text, (*page.buttons, footer_row))


def _render_page(
    head: HtmlText,
    stories: Sequence[Story],
    first_index: int,
    lang: UiLanguage,
    pack_callback: _PackCallback,
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
        Button(label.format(number=number), pack_callback("story", story.articles[0].number))
        for number, story in enumerate(stories[start:end], start + 1)
    )
    page_buttons = []
    if previous_start is not None:
        page_buttons.append(Button("◀", pack_callback("edition", previous_start)))
    if end < len(stories):
        # Translators: Button.
        page_buttons.append(Button(_("More stories"), pack_callback("edition", end)))
    row_length = 3 if len(blocks) <= STORIES_PER_MESSAGE else 5
    rows = (story_buttons[:row_length], story_buttons[row_length:], tuple(page_buttons))
    return OutgoingMessage(join_html([head, *blocks], "\n\n"), tuple(row for row in rows if row))


def _fit_stories(
    head: HtmlText, stories: Sequence[Story], start: int, lang: UiLanguage, max_stories: int
) -> list[HtmlText]:
    """Render as many stories from `start` on as fit below `head`, at least one."""
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
    """Say that nothing was published in the window, and describe the archive."""
    heading = (
        translator(lang)
        .gettext("Nothing in the archive was published {window}.")
        .format(window=window_text(window, lang))
    )
    return OutgoingMessage(trusted_text(f"{heading}\n\n{archive_summary}"))


def render_story(story: Story, lang: UiLanguage) -> OutgoingMessage:
    """Render a story in full: its passages, and as many of its articles as fit."""
    blocks = [_render_headline(None, story, lang)]
    if coverage := story_coverage_text(story, lang):
        blocks.append(trusted_text(coverage))
    for number, quote in enumerate(story.quotes, 1):
        blocks.append(quotes.render_quote(number, quote, lang))
    if len(story.articles) == 1 and story.quotes:
        return OutgoingMessage(join_html(blocks, "\n\n"))
    article_lines = [bold(trusted_text(translator(lang).gettext("All articles on this story:")))]
    for article in story.articles:
        line = quotes.render_citation(article, lang)
        if not join_html([*blocks, join_html([*article_lines, line], "\n")], "\n\n").fits():
            break
        article_lines.append(line)
    remaining = len(story.articles) - (len(article_lines) - 1)
    if remaining:
        article_lines.append(trusted_text(f"+{number_text(remaining, lang)}"))
    html = join_html([*blocks, join_html(article_lines, "\n")], "\n\n")
    return OutgoingMessage(html if html.fits() else join_html(blocks[:2], "\n\n"))


def _render_story_block(number: int, story: Story, lang: UiLanguage) -> HtmlText:
    more_quotes = [_render_quote(quote, lang) for quote in story.quotes[1:] if _is_short(quote)]
    lead = [_render_quote(story.quotes[0], lang)] if story.quotes else []
    lines = [_render_headline(number, story, lang), *lead, *more_quotes]
    if coverage := story_coverage_text(story, lang):
        lines.append(trusted_text(coverage))
    return join_html(lines, "\n")


def _render_headline(number: int | None, story: Story, lang: UiLanguage) -> HtmlText:
    mark = DIRECTION_MARKS[lang]
    runs = [trusted_text(mark if number is None else f"{mark}{number}.")]
    runs.append(bold(bidi_isolate(plain_text(truncate(story.headline, _MAX_HEADLINE_LENGTH)))))
    if story.continues:
        continued = translator(lang).gettext("continued")
        runs.append(trusted_text(f"({continued})"))
    return join_html(runs, " ")


def _render_quote(quote: Quote, lang: UiLanguage) -> HtmlText:
    sentence = truncate(quote.text[slice(*quote.highlight)], _MAX_LEAD_LENGTH)
    block = blockquote(plain_text(sentence), may_fold=False)
    return join_html([block, quotes.render_citation(quote.article, lang)], "\n")


def _is_short(quote: Quote) -> bool:
    return utf16_length(quote.text[slice(*quote.highlight)]) <= _MAX_QUOTE_LENGTH


def render_alert(
    topic: str, quote: Quote, lang: UiLanguage, content_number: int
) -> OutgoingMessage:
    """Render an alert: the watched topic, the headline, and the sentence that matches it.

    A headline that the sentence begins with is left out.
    """
    _ = translator(lang).gettext
    parts = [
        join_html(
            [
                trusted_text("🔔"),
                bold(plain_text(truncate(topic, _MAX_WATCHED_LENGTH))),
            ],
            " ",
        ),
    ]
    headline = quote.article.headline
    if not quote.text[quote.highlight[0] :].startswith(headline.removesuffix("…")):
        parts.append(bold(plain_text(truncate(headline, _MAX_HEADLINE_LENGTH))))
    parts.append(_render_quote(quote, lang))
    stop_callback = WatchCallback(action="unwatch", number=content_number)
    return OutgoingMessage(
        join_html(parts, "\n"),
        # Translators: Button.
        ((Button(_("Stop these alerts"), stop_callback.pack()),),),
    )


def render_alert_summary(
    alerts: Sequence[tuple[str, Article]], count: int, lang: UiLanguage
) -> OutgoingMessage:
    """Render the alerts beyond the daily limit, as many as fit."""
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
                        bold(plain_text(truncate(topic, _MAX_WATCHED_LENGTH))),
                        trusted_text("—"),
                    ],
                    " ",
                ),
                plain_text(truncate(article.headline, _MAX_HEADLINE_LENGTH)),
                quotes.render_citation(article, lang),
            ],
            "\n",
        )
        if not join_html([*lines, line], "\n\n").fits():
            break
        lines.append(line)
    return OutgoingMessage(join_html(lines, "\n\n"))
