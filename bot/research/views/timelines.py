"""Render a timeline: the date, the best sentence and the citation of each event."""

from __future__ import annotations

from bot.answers.views import RenderedAnswer, context_buttons
from bot.i18n.formats import date_text, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import event_text, is_narrow, isolate, strip_controls, window_text
from bot.i18n.translations import translator
from bot.research.callbacks import TimelineCallback
from bot.research.views.period_chart import UNIT_TITLES, render_period_chart
from bot.research.views.rows import split_rows
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    blockquote,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
)
from bot.telegram.reply import Attachment, Reply
from bot.views.quotes import render_citation
from index.models import Quote
from index.research.topic_timeline import TopicTimeline

EVENTS_PER_MESSAGE = 8
_BUTTONS_PER_ROW = 4
_MAX_TOPIC_UNITS = 120
_MAX_SENTENCE_UNITS = 900


def render_timeline(
    timeline: TopicTimeline, first_event: int, lang: UiLanguage, update_id: int
) -> RenderedAnswer:
    """Render the events that fit, at least one; they are numbered on from `first_event`."""
    blocks = [_heading(timeline, lang)] if first_event == 0 else []
    count = 0
    for quote in timeline.quotes:
        block = _render_event(first_event + count + 1, quote, lang)
        if count and not join_html([*blocks, block], "\n\n").fits():
            break
        blocks.append(block)
        count += 1
    buttons = (
        *timeline_context_buttons(first_event, count, lang, update_id),
        *_follow_up_buttons(timeline, first_event + count, lang, update_id),
    )
    return RenderedAnswer(OutgoingMessage(join_html(blocks, "\n\n"), buttons), count)


def render_no_timeline(topic: str, lang: UiLanguage) -> OutgoingMessage:
    """Say that no dated article is about a topic."""
    # Translators: {topic}: a topic or a name.
    template = translator(lang).gettext("The archive has no dated article about: {topic}")
    return OutgoingMessage(trusted_text(template.format(topic=_isolated_topic(topic))))


def render_timeline_chart(timeline: TopicTimeline, lang: UiLanguage) -> Reply:
    """Return the picture of the number of articles about a topic over time."""
    periods = timeline.periods
    png = render_period_chart(timeline.topic, periods, lang)
    caption = join_html(
        [
            bold(trusted_text(_title(timeline, lang))),
            trusted_text(translator(lang).gettext(UNIT_TITLES[periods.unit])),
            trusted_text(_extent(timeline, lang)),
        ],
        "\n",
    )
    return Reply(
        OutgoingMessage(caption), attachment=Attachment("timeline.png", png, is_photo=True)
    )


def timeline_context_buttons(
    first_event: int, count: int, lang: UiLanguage, update_id: int
) -> Buttons:
    """Return the buttons that show the context of each event."""
    rows = context_buttons(count, lang, update_id, first_number=first_event + 1)
    return split_rows([button for row in rows for button in row], _BUTTONS_PER_ROW)


def _heading(timeline: TopicTimeline, lang: UiLanguage) -> HtmlText:
    _ = translator(lang).gettext
    lines = [bold(trusted_text(_title(timeline, lang)))]
    if timeline.window is not None and is_narrow(timeline.window):
        # Translators: {window}: a period, such as “since 4 February 2026”.
        searched = _("Searched only articles published {window}.")
        lines.append(trusted_text(searched.format(window=window_text(timeline.window, lang))))
    lines.append(trusted_text(_extent(timeline, lang)))
    if not timeline.names_topic:
        lines.append(
            trusted_text(_("No article names the topic in these words; these may be about it:"))
        )
    return join_html(lines, "\n")


def _title(timeline: TopicTimeline, lang: UiLanguage) -> str:
    # Translators: {topic}: a topic or a name.
    template = translator(lang).gettext("Timeline: {topic}")
    return template.format(topic=_isolated_topic(timeline.topic))


def _extent(timeline: TopicTimeline, lang: UiLanguage) -> str:
    """Say how many events and articles there are, and from when until when."""
    # Translators: {events}, {articles}: numbers; {since}, {until}: dates.
    template = translator(lang).gettext(
        "Events: {events} · articles: {articles} · {since} – {until}"
    )
    return template.format(
        events=number_text(timeline.event_count, lang),
        articles=number_text(len(timeline.days), lang),
        since=isolate(date_text(timeline.days[0], lang)),
        until=isolate(date_text(timeline.days[-1], lang)),
    )


def _isolated_topic(topic: str) -> str:
    return isolate(truncate(strip_controls(topic), _MAX_TOPIC_UNITS))


def _render_event(number: int, quote: Quote, lang: UiLanguage) -> HtmlText:
    """Render the date of an event, its best sentence word for word, and the citation."""
    sentence = quote.text[slice(*quote.highlight)]
    return join_html(
        [
            bold(plain_text(event_text([quote], lang))),
            blockquote(plain_text(truncate(sentence, _MAX_SENTENCE_UNITS)), may_fold=False),
            render_citation(quote.article, lang, number),
        ],
        "\n",
    )


def _follow_up_buttons(
    timeline: TopicTimeline, next_event: int, lang: UiLanguage, update_id: int
) -> Buttons:
    row = []
    if next_event < timeline.event_count:
        callback = TimelineCallback(action="timeline", update_id=update_id, first_event=next_event)
        # Translators: Button. It shows the events that follow.
        row.append(Button(translator(lang).gettext("Later events"), callback.pack()))
    if len(set(timeline.days)) > 1:
        callback = TimelineCallback(action="periods", update_id=update_id)
        row.append(Button("📊", callback.pack()))
    return (tuple(row),) if row else ()
