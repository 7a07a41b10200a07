"""Feeds as editors see them: a list, one of them with its health, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.editorial.draft_view import PER_PAGE, page_buttons
from bot.feeds.keyword_filter import MAX_KEYWORDS, InvalidKeywords
from bot.feeds.manager import OpmlImportResult
from bot.feeds.store.feeds import FeedState, FollowedFeed
from bot.i18n.catalogue import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage, date_text, number_text
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import isolate, strip_controls
from bot.telegram.message import (
    MAX_URL_LENGTH,
    Button,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    trusted_text,
)
from index.errors import InvalidInputError
from index.ingest.rejections import RejectReason

EDITABLE_FIELDS = ("source", "language", "require", "refuse")
"""What an editor writes of a feed."""
MAX_INVALID_LINES = 5
"""So many feeds of a list that cannot be followed are named."""
_MAX_NAME_LENGTH = 100
_MAX_KEYWORDS_LENGTH = 600
_STATE_MARKS = {FeedState.PAUSED: "⏸", FeedState.GONE: "✖"}


def render_list(
    feeds: Sequence[FollowedFeed],
    page: int,
    pending_count: int,
    lang: UiLanguage,
    *,
    notice: str = "",
    enabled: bool = True,
) -> OutgoingMessage:
    """Lay out a page of the feeds, a numbered button for each, and what else can be done."""
    words = FEED_WORDS[lang]
    page = min(page, max(0, len(feeds) - 1) // PER_PAGE)
    page_feeds = feeds[page * PER_PAGE :][:PER_PAGE]
    failing_count = sum(map(_is_failing, feeds))
    header_lines = [notice] if notice else []
    header_lines.append(
        _format_count(words["feeds"], len(feeds), lang) if feeds else words["no feeds"]
    )
    if failing_count:
        header_lines.append(_format_count(words["feeds troubled"], failing_count, lang))
    if not enabled:
        header_lines.append(words["switched off"])
    blocks = [
        join_html(map(trusted_text, header_lines), "\n"),
        *(_feed_line(feed, lang) for feed in page_feeds),
    ]
    if not feeds:
        blocks.append(trusted_text(words["how"]))
    number_buttons = [Button(str(feed.number), f"feed:{feed.number}:show") for feed in page_feeds]
    half = (len(number_buttons) + 1) // 2 if len(number_buttons) > 5 else len(number_buttons)
    rows = [tuple(row) for row in (number_buttons[:half], number_buttons[half:]) if row]
    if pending_count:
        rows.append(
            (Button(_format_count(words["held button"], pending_count, lang), "held:0:list:0"),)
        )
    rows += page_buttons("feeds:{page}", page, has_more=(page + 1) * PER_PAGE < len(feeds))
    if feeds:
        rows.append((Button(words["how button"], "feeds:0:how"),))
    return OutgoingMessage(join_html(blocks, "\n\n"), tuple(rows))


def render_help(lang: UiLanguage) -> OutgoingMessage:
    """Say how a feed is added."""
    words = FEED_WORDS[lang]
    return OutgoingMessage(trusted_text(words["how"]), ((Button(words["back"], "feeds:0:list"),),))


def render_feed(
    feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo, notice: str = ""
) -> OutgoingMessage:
    """Lay out a feed with its settings and its health, and the buttons that change it."""
    words, start = FEED_WORDS[lang], f"feed:{feed.number}"
    blocks = [trusted_text(notice)] if notice else []
    blocks += [_title_line(feed), *_settings_lines(feed, lang), *_health_lines(feed, lang, zone)]
    is_active, needs_approval = feed.state is FeedState.ACTIVE, feed.options.hold
    pause_action = "pause" if is_active else "resume"
    pause_button = Button(words[pause_action], f"{start}:{pause_action}")
    if needs_approval:
        hold_button = Button(words["turn at once"], f"{start}:atonce")
    else:
        hold_button = Button(words["turn hold"], f"{start}:hold")
    fields = [Button(words[f"edit {field}"], f"{start}:{field}") for field in EDITABLE_FIELDS]
    rows = [(pause_button, hold_button), tuple(fields[:2]), tuple(fields[2:])]
    if feed.health.pending:
        rows.append((Button(words["all held"], "held:0:list:0"),))
    rows.append((Button(words["remove"], f"{start}:remove"), Button(words["back"], "feeds:0:list")))
    return OutgoingMessage(join_html(blocks, "\n"), tuple(rows))


def render_remove_confirmation(feed: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
    """Ask once more before a feed is removed."""
    words, start = FEED_WORDS[lang], f"feed:{feed.number}"
    row = (
        Button(words["really remove"], f"{start}:really"),
        Button(words["back"], f"{start}:show"),
    )
    blocks = [_title_line(feed), trusted_text(words["ask remove"])]
    if feed.health.pending:
        blocks.append(
            trusted_text(_format_count(words["removed with it"], feed.health.pending, lang))
        )
    return OutgoingMessage(join_html(blocks, "\n"), (row,))


def removed_text(feed: FollowedFeed, lang: UiLanguage) -> str:
    """Say that a feed is followed no longer."""
    return FEED_WORDS[lang]["removed"].format(name=_sanitize(feed_name(feed)))


def render_prompt(number: int, field: str, lang: UiLanguage) -> OutgoingMessage:
    """Ask an editor to write something of a feed, with a way back to it."""
    words = FEED_WORDS[lang]
    back = Button(words["back"], f"feed:{number}:show")
    question = f"{words[f'write {field}']}\n{DESK[lang]['or cancel']}"
    return OutgoingMessage(trusted_text(question), ((back,),))


def render_import_result(
    result: OpmlImportResult, unreadable: Sequence[tuple[str, str]], lang: UiLanguage
) -> OutgoingMessage:
    """Say what came of a list of feeds.

    `unreadable` are those that the list did not name well: a name, and why, in the editor's
    language.
    """
    words = FEED_WORDS[lang]
    invalid = [
        *unreadable,
        *((address, invalid_options_text(error, lang)) for address, error in result.invalid),
    ]
    counts = {
        "list added": len(result.added),
        "list known": len(result.already_followed),
        "list bad": len(invalid),
    }
    lines = [
        trusted_text(_format_count(words[name], count, lang))
        for name, count in counts.items()
        if count or name == "list added"
    ]
    lines += [
        trusted_text(
            f"– {_sanitize(truncate(name, _MAX_NAME_LENGTH))}: {_sanitize(truncate(reason, _MAX_NAME_LENGTH * 2))}"
        )
        for name, reason in invalid[:MAX_INVALID_LINES]
    ]
    if len(invalid) > MAX_INVALID_LINES:
        lines.append(trusted_text(f"+{len(invalid) - MAX_INVALID_LINES}"))
    return OutgoingMessage(join_html(lines, "\n"), ((Button(words["back"], "feeds:0:list"),),))


def render_export(count: int, lang: UiLanguage) -> OutgoingMessage:
    """Say what is in the list of feeds that goes with it."""
    return OutgoingMessage(trusted_text(_format_count(FEED_WORDS[lang]["exported"], count, lang)))


def render_dead_feed(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> OutgoingMessage:
    """Tell that a feed is dead, what is wrong with it and what to do."""
    words = FEED_WORDS[lang]
    is_gone = feed.state is FeedState.GONE
    blocks = [
        trusted_text(words["gone now" if is_gone else "dead"]),
        _title_line(feed),
        _address_line(feed, lang),
    ]
    if is_gone:
        blocks.append(trusted_text(words["gone remedy"]))
    else:
        blocks += [trusted_text(line) for line in _failure_lines(feed, lang, zone)]
    return OutgoingMessage(
        join_html(blocks, "\n"), ((Button(words["open feed"], f"feed:{feed.number}:show"),),)
    )


def feed_name(feed: FollowedFeed) -> str:
    """Return what a feed is called: by an editor, by itself, or by its address."""
    return truncate(feed.source or feed.discovered.address, _MAX_NAME_LENGTH)


def reject_reason_text(reason: RejectReason, lang: UiLanguage) -> str:
    """Say why a feed cannot be read, and what to do."""
    return FEED_WORDS[lang].get(reason) or DESK[lang][reason]


def invalid_options_text(error: InvalidInputError, lang: UiLanguage) -> str:
    """Say why what was decided of a feed cannot be."""
    words = FEED_WORDS[lang]
    if not isinstance(error, InvalidKeywords):
        return words["unfit settings"]
    if error.keyword is None:
        return words["too many words"].format(count=MAX_KEYWORDS)
    return words["unfit word"].format(word=_sanitize(error.keyword))


def _feed_line(feed: FollowedFeed, lang: UiLanguage) -> HtmlText:
    words, health = FEED_WORDS[lang], feed.health
    runs = [
        trusted_text(f"{_status_mark(feed)} {feed.number}."),
        bold(bidi_isolate(plain_text(feed_name(feed)))),
    ]
    parts = [join_html(runs, " ")]
    if health.articles_per_day is not None:
        parts.append(
            trusted_text(words["a day"].format(count=_format_rate(health.articles_per_day)))
        )
    if health.pending:
        parts.append(trusted_text(_format_count(words["held count"], health.pending, lang)))
    return join_html(parts, " · ")


def _status_mark(feed: FollowedFeed) -> str:
    return _STATE_MARKS.get(feed.state) or ("⚠" if feed.health.failures else "●")


def _is_failing(feed: FollowedFeed) -> bool:
    return _status_mark(feed) in ("⚠", "✖")


def _title_line(feed: FollowedFeed) -> HtmlText:
    return join_html([trusted_text(_status_mark(feed)), bold(plain_text(feed_name(feed)))], " ")


def _settings_lines(feed: FollowedFeed, lang: UiLanguage) -> list[HtmlText]:
    """Say what a feed is, and what editors have decided of it."""
    words, options = FEED_WORDS[lang], feed.options
    number = words["number"].format(number=feed.number)
    lines = [f"{number} · {words[feed.discovered.kind]} · {words[feed.state]}"]
    lines.append(_field_line(words, "source", feed.source))
    language = options.language or feed.discovered.language
    lines.append(_field_line(words, "language", _language_name(language) if language else None))
    lines.append(words["held" if options.hold else "at once"])
    for name, keywords in (("require", options.require), ("refuse", options.refuse)):
        if keywords:
            keyword_text = _sanitize(
                truncate(_list_separator(lang).join(keywords), _MAX_KEYWORDS_LENGTH)
            )
            lines.append(words[name].format(words=keyword_text))
    return [_address_line(feed, lang), *map(trusted_text, lines)]


def _health_lines(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[HtmlText]:
    words, health = FEED_WORDS[lang], feed.health
    lines = [words["never succeeded"]]
    if health.succeeded_at:
        lines = [words["succeeded"].format(at=_format_time(health.succeeded_at, lang, zone))]
    lines += _failure_lines(feed, lang, zone)
    if health.articles_per_day is not None:
        lines.append(words["articles a day"].format(count=_format_rate(health.articles_per_day)))
    counts = {"waiting": health.waiting, "held count": health.pending}
    lines += [_format_count(words[name], count, lang) for name, count in counts.items() if count]
    if feed.state is FeedState.ACTIVE:
        lines.append(words["next"].format(at=_format_time(feed.next_at, lang, zone)))
    return [trusted_text(line) for line in lines]


def _failure_lines(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[str]:
    """Say when a feed failed last; while it fails also why, and what to do."""
    words, health = FEED_WORDS[lang], feed.health
    if health.failed_at is None:
        return []
    lines = [words["failed"].format(at=_format_time(health.failed_at, lang, zone))]
    if feed.state is FeedState.GONE:
        return [*lines, words["gone remedy"]]
    if health.failures:
        lines.append(_format_count(words["failures"], health.failures, lang))
        lines += [f"⚠ {reject_reason_text(health.error, lang)}"] if health.error else []
    return lines


def _address_line(feed: FollowedFeed, lang: UiLanguage) -> HtmlText:
    address = feed.discovered.address
    if len(address) > MAX_URL_LENGTH:
        return plain_text(truncate(address, _MAX_NAME_LENGTH * 2))
    label = truncate(address.partition("://")[2] or address, _MAX_NAME_LENGTH * 2)
    return join_html(
        [trusted_text(f"{FEED_WORDS[lang]['address']}:"), link(isolate(label), address)], " "
    )


def _language_name(tag: str) -> str:
    """Return the name of a language in that language, where the bot speaks it."""
    ui_language = UI_LANGUAGES.get(tag.partition("-")[0].lower())
    return (
        UI_LANGUAGE_NAMES[ui_language]
        if ui_language
        else _sanitize(truncate(tag, _MAX_NAME_LENGTH))
    )


def _field_line(words: Mapping[str, str], field: str, value: str | None) -> str:
    if not value:
        return words[f"no {field}"]
    return words[field].format(name=_sanitize(truncate(value, _MAX_NAME_LENGTH)))


def _format_time(instant: datetime, lang: UiLanguage, zone: ZoneInfo) -> str:
    return _sanitize(date_text(instant.astimezone(zone), lang))


def _format_rate(per_day: float) -> str:
    return f"{per_day:.1f}" if 0 < per_day < 10 else f"{per_day:.0f}"


def _format_count(template: str, count: int, lang: UiLanguage) -> str:
    return template.format(count=number_text(count, lang))


def _list_separator(lang: UiLanguage) -> str:
    return "، " if lang == "ar" else ", "


def _sanitize(value: str) -> str:
    return isolate(strip_controls(value))
