"""Render feeds for editors: the list, one feed with its health, and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.editorial.approval_view import list_data as approval_list_data
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_view import PER_PAGE, page_buttons
from bot.editorial.texts import CANCEL_HINT, feed_reject_reason_text
from bot.feeds.keyword_filter import MAX_KEYWORDS, InvalidKeywords
from bot.feeds.manager import OpmlImportResult
from bot.feeds.store.feeds import FeedState, FollowedFeed
from bot.i18n.formats import date_text, list_separator, number_text
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.phrases import isolate, strip_controls
from bot.i18n.translations import N_, translator
from bot.telegram.message import (
    MAX_URL_LENGTH,
    Button,
    HtmlText,
    OutgoingMessage,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    trusted_text,
)
from index.errors import InvalidInputError
from index.ingest.feeds.models import FeedKind

EDITABLE_FIELDS = ("source", "language", "require", "refuse")
"""Options of a feed whose value an editor writes."""
MAX_INVALID_LINES = 5
"""Number of invalid feeds of a list that the import result names."""
FIELD_PROMPTS = {
    "source": N_(
        "Write the source name for this feed's articles. A - means: the name "
        "that the feed gives itself."
    ),
    "language": N_(
        "Write the language of its articles: ar, en or fr, or the language's "
        "name. A - means: that of each article."
    ),
    "require": N_(
        "Write words or names, separated by commas or one per line. Only "
        "articles with at least one of them are taken. A - means: no condition."
    ),
    "refuse": N_(
        "Write words or names, separated by commas or one per line. Articles "
        "with any of them are left out. A - means: no condition."
    ),
}
"""Prompt for the input of an option, by field."""
FIELD_LABELS = {
    # Translators: Button.
    "source": N_("Source name"),
    # Translators: Button.
    "language": N_("Language"),
    # Translators: Button.
    "require": N_("Required words"),
    # Translators: Button.
    "refuse": N_("Excluded words"),
}
KINDS = {
    FeedKind.RSS: N_("RSS feed"),
    FeedKind.ATOM: N_("Atom feed"),
    FeedKind.JSON: N_("JSON feed"),
    FeedKind.SITEMAP: N_("sitemap"),
    FeedKind.LIST: N_("page that lists articles"),
}
STATES = {
    FeedState.ACTIVE: N_("followed"),
    FeedState.PAUSED: N_("paused"),
    FeedState.GONE: N_("gone for good, according to its site"),
}
_MAX_NAME_LENGTH = 100
_GONE_REMEDY = N_(
    "Look on the site for a new address and add it with /feeds, then remove this one."
)
_HOW_TO_FOLLOW = N_(
    "Send /feeds and the address of a site, of its news section or of its feed "
    "(RSS, Atom, JSON), such as: /feeds https://example.org/news. I look for a "
    "feed or a sitemap there, or follow the page itself if it lists articles.\n\n"
    "To follow many at once, send an .opml file from your feed reader. /feeds "
    "export gives you our list in the same format, and /feeds 3 shows feed "
    "number 3."
)
_MAX_KEYWORDS_LENGTH = 600
_LIST_DATA = EditorialCallback(subject="feeds", number=0, action="list").pack()
_HELP_DATA = EditorialCallback(subject="feeds", number=0, action="how").pack()
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
    """Render a page of the feeds, with a numbered button for each."""
    _ = translator(lang).gettext
    page = min(page, max(0, len(feeds) - 1) // PER_PAGE)
    page_feeds = feeds[page * PER_PAGE :][:PER_PAGE]
    failing_count = sum(map(_is_failing, feeds))
    header_lines = [notice] if notice else []
    header_lines.append(
        # Translators: {count}: a number of feeds.
        _format_count(_("Feeds: {count}"), len(feeds), lang)
        if feeds
        else _("No feed is followed yet.")
    )
    if failing_count:
        header_lines.append(
            # Translators: {count}: a number of feeds.
            _format_count(_("Of these, needing attention: {count}"), failing_count, lang)
        )
    if not enabled:
        header_lines.append(
            _(
                "Following feeds is switched off in this bot's settings (feeds.enabled): "
                "nothing is read from them now."
            )
        )
    blocks = [
        join_html(map(trusted_text, header_lines), "\n"),
        *(_feed_line(feed, lang) for feed in page_feeds),
    ]
    if not feeds:
        blocks.append(trusted_text(_(_HOW_TO_FOLLOW)))
    number_buttons = [Button(str(feed.number), _data(feed.number, "show")) for feed in page_feeds]
    half = (len(number_buttons) + 1) // 2 if len(number_buttons) > 5 else len(number_buttons)
    rows = [tuple(row) for row in (number_buttons[:half], number_buttons[half:]) if row]
    if pending_count:
        rows.append(
            (
                Button(
                    # Translators: Button. {count}: a number of articles.
                    _format_count(_("Waiting for approval ({count})"), pending_count, lang),
                    approval_list_data(),
                ),
            )
        )
    rows += page_buttons(_page_data, page, has_more=(page + 1) * PER_PAGE < len(feeds))
    if feeds:
        # Translators: Button.
        rows.append((Button(_("How to add one"), _HELP_DATA),))
    return OutgoingMessage(join_html(blocks, "\n\n"), tuple(rows))


def render_help(lang: UiLanguage) -> OutgoingMessage:
    """Render the instructions for adding a feed."""
    _ = translator(lang).gettext
    return OutgoingMessage(trusted_text(_(_HOW_TO_FOLLOW)), ((Button(_("Back"), _LIST_DATA),),))


def render_feed(
    feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo, notice: str = ""
) -> OutgoingMessage:
    """Render a feed with its options and health, and the buttons that change it."""
    _ = translator(lang).gettext
    blocks = [trusted_text(notice)] if notice else []
    blocks += [_title_line(feed), *_settings_lines(feed, lang), *_health_lines(feed, lang, zone)]
    is_active, needs_approval = feed.state is FeedState.ACTIVE, feed.options.hold
    pause_action = "pause" if is_active else "resume"
    pause_button = Button(
        # Translators: Button.
        _("Pause")
        if is_active
        # Translators: Button.
        else _("Resume"),
        _data(feed.number, pause_action),
    )
    if needs_approval:
        hold_button = Button(
            # Translators: Button.
            translator(lang).pgettext("feed", "Publish at once"),
            _data(feed.number, "atonce"),
        )
    else:
        # Translators: Button.
        hold_button = Button(_("Hold for approval"), _data(feed.number, "hold"))
    field_buttons = [
        Button(_(FIELD_LABELS[field]), _data(feed.number, field)) for field in EDITABLE_FIELDS
    ]
    rows = [(pause_button, hold_button), tuple(field_buttons[:2]), tuple(field_buttons[2:])]
    if feed.health.pending:
        # Translators: Button.
        rows.append((Button(_("All waiting for approval"), approval_list_data()),))
    rows.append(
        (
            # Translators: Button.
            Button(translator(lang).pgettext("feed", "Remove"), _data(feed.number, "remove")),
            Button(_("Back"), _LIST_DATA),
        )
    )
    return OutgoingMessage(join_html(blocks, "\n"), tuple(rows))


def render_remove_confirmation(feed: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
    """Ask for confirmation before a feed is removed."""
    _ = translator(lang).gettext
    row = (
        # Translators: Button.
        Button(_("Yes, remove it"), _data(feed.number, "really")),
        Button(_("Back"), _data(feed.number, "show")),
    )
    blocks = [
        _title_line(feed),
        trusted_text(_("Stop following this feed? Its articles stay in the archive.")),
    ]
    if feed.health.pending:
        blocks.append(
            trusted_text(
                _format_count(
                    # Translators: {count}: a number of articles.
                    _("Articles waiting for approval that are dropped with it: {count}"),
                    feed.health.pending,
                    lang,
                )
            )
        )
    return OutgoingMessage(join_html(blocks, "\n"), (row,))


def removed_text(feed: FollowedFeed, lang: UiLanguage) -> str:
    """Return the confirmation that a feed was removed."""
    return (
        translator(lang)
        # Translators: {name}: the name of a feed.
        .gettext("I no longer follow {name}. Its articles stay in the archive.")
        .format(name=_sanitize(feed_name(feed)))
    )


def render_prompt(number: int, field: str, lang: UiLanguage) -> OutgoingMessage:
    """Ask an editor for the value of an option, with a button back to the feed."""
    _ = translator(lang).gettext
    back = Button(_("Back"), _data(number, "show"))
    question = f"{_(FIELD_PROMPTS[field])}\n{_(CANCEL_HINT)}"
    return OutgoingMessage(trusted_text(question), ((back,),))


def render_import_result(
    result: OpmlImportResult, unreadable: Sequence[tuple[str, str]], lang: UiLanguage
) -> OutgoingMessage:
    """Render the result of importing a feed list.

    `unreadable` has the invalid outlines: a name, and the reason in the editor's language.
    """
    _ = translator(lang).gettext
    invalid = [
        *unreadable,
        *((address, invalid_options_text(error, lang)) for address, error in result.invalid),
    ]
    # Translators: {count}: a number of feeds.
    added = _("Feeds added: {count}")
    counts = (
        (added, len(result.added)),
        # Translators: {count}: a number of feeds.
        (_("Already followed: {count}"), len(result.already_followed)),
        # Translators: {count}: a number of feeds.
        (_("Cannot be followed: {count}"), len(invalid)),
    )
    lines = [
        trusted_text(_format_count(template, count, lang))
        for template, count in counts
        if count or template == added
    ]
    lines += [
        trusted_text(
            f"– {_sanitize(truncate(name, _MAX_NAME_LENGTH))}: "
            f"{_sanitize(truncate(reason, _MAX_NAME_LENGTH * 2))}"
        )
        for name, reason in invalid[:MAX_INVALID_LINES]
    ]
    if len(invalid) > MAX_INVALID_LINES:
        lines.append(trusted_text(f"+{len(invalid) - MAX_INVALID_LINES}"))
    return OutgoingMessage(join_html(lines, "\n"), ((Button(_("Back"), _LIST_DATA),),))


def render_export(count: int, lang: UiLanguage) -> OutgoingMessage:
    """Render the message of an exported feed list."""
    return OutgoingMessage(
        trusted_text(
            # Translators: {count}: a number of feeds.
            _format_count(translator(lang).gettext("Feeds in this list: {count}"), count, lang)
        )
    )


def render_dead_feed(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> OutgoingMessage:
    """Render the notice about a dead feed: what is wrong and what to do."""
    _ = translator(lang).gettext
    is_gone = feed.state is FeedState.GONE
    blocks = [
        trusted_text(
            _("The site says that this feed is gone for good, so I have stopped reading it:")
            if is_gone
            else _("I have not been able to read this feed for a day or more:")
        ),
        _title_line(feed),
        _address_line(feed, lang),
    ]
    if is_gone:
        blocks.append(trusted_text(_(_GONE_REMEDY)))
    else:
        blocks += [trusted_text(line) for line in _failure_lines(feed, lang, zone)]
    return _build_notice(feed, blocks, lang)


def render_queue(feed: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
    """Render the notice about a feed with queued items: how many they are, and when they come."""
    _ = translator(lang).gettext
    text = _(
        "This feed brought more new articles at once than I take in one reading. "
        "The others will come with later readings, without alerts:"
    )
    blocks = [
        trusted_text(text),
        _title_line(feed),
        _address_line(feed, lang),
        trusted_text(_queue_line(feed, lang)),
    ]
    return _build_notice(feed, blocks, lang)


def _build_notice(
    feed: FollowedFeed, blocks: Sequence[HtmlText], lang: UiLanguage
) -> OutgoingMessage:
    # Translators: Button.
    button = Button(translator(lang).gettext("Show the feed"), _data(feed.number, "show"))
    return OutgoingMessage(join_html(blocks, "\n"), ((button,),))


def _queue_line(feed: FollowedFeed, lang: UiLanguage) -> str:
    # Translators: {count}: a number of articles.
    template = translator(lang).gettext("Articles left for later readings: {count}")
    return _format_count(template, feed.health.queued, lang)


def render_site_limit(feed: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
    """Render the notice about a feed that leads to too many new sites."""
    _ = translator(lang).gettext
    blocks = [
        trusted_text(_("The articles of this feed are on more than 20 new sites in one day:")),
        _title_line(feed),
        _address_line(feed, lang),
        trusted_text(
            _(
                "I will visit no more of them until tomorrow. After three such days I "
                "take what the feed itself says of an article. Check that this feed is "
                "what you wanted."
            )
        ),
    ]
    return _build_notice(feed, blocks, lang)


def feed_name(feed: FollowedFeed) -> str:
    """Return the display name of a feed: its source name, its title or its address."""
    return truncate(feed.source or feed.discovered.address, _MAX_NAME_LENGTH)


def invalid_options_text(error: InvalidInputError, lang: UiLanguage) -> str:
    """Return why the options of a feed are invalid."""
    _ = translator(lang).gettext
    if not isinstance(error, InvalidKeywords):
        return _("The list's settings for this feed are not valid.")
    if error.keyword is None:
        return (
            translator(lang)
            # Translators: {count}: the largest number of words allowed.
            .ngettext(
                "There is more than {count} word. Leave out the least important.",
                "There are more than {count} words. Leave out the least important.",
                MAX_KEYWORDS,
            )
            .format(count=MAX_KEYWORDS)
        )
    # Translators: {word}: a word that an editor wrote.
    return _(
        "“{word}” cannot be searched for in articles. Write a name or a word "
        "with a meaning of its own."
    ).format(word=_sanitize(error.keyword))


def _data(feed_number: int, action: str) -> str:
    return EditorialCallback(subject="feed", number=feed_number, action=action).pack()


def _page_data(page: int) -> str:
    return EditorialCallback(subject="feeds", number=page).pack()


def _feed_line(feed: FollowedFeed, lang: UiLanguage) -> HtmlText:
    _ = translator(lang).gettext
    health = feed.health
    runs = [
        trusted_text(f"{_status_mark(feed)} {feed.number}."),
        bold(plain_text(feed_name(feed))),
    ]
    parts = [join_html(runs, " ")]
    if health.articles_per_day is not None:
        parts.append(
            # Translators: {count}: a number of articles.
            trusted_text(_("{count} a day").format(count=_format_rate(health.articles_per_day)))
        )
    if health.pending:
        parts.append(
            # Translators: {count}: a number of articles.
            trusted_text(_format_count(_("waiting for approval: {count}"), health.pending, lang))
        )
    return join_html(parts, " · ")


def _status_mark(feed: FollowedFeed) -> str:
    return _STATE_MARKS.get(feed.state) or ("⚠" if feed.health.failures else "●")


def _is_failing(feed: FollowedFeed) -> bool:
    return _status_mark(feed) in ("⚠", "✖")


def _title_line(feed: FollowedFeed) -> HtmlText:
    return join_html([trusted_text(_status_mark(feed)), bold(plain_text(feed_name(feed)))], " ")


def _settings_lines(feed: FollowedFeed, lang: UiLanguage) -> list[HtmlText]:
    """Return the kind, the state and the options of a feed, a line each."""
    _ = translator(lang).gettext
    options = feed.options
    # Translators: {number}: the feed's number.
    number = _("number {number}").format(number=feed.number)
    lines = [f"{number} · {_(KINDS[feed.discovered.kind])} · {_(STATES[feed.state])}"]
    lines.append(
        _field_line(
            # Translators: {name}: the name of a source.
            _("Source name: {name}"),
            _("Source name: none"),
            feed.source,
        )
    )
    language = options.language or feed.discovered.language
    lines.append(
        _field_line(
            # Translators: {name}: the name of a language.
            _("Language: {name}"),
            _("Language: that of each article"),
            _language_name(language) if language else None,
        )
    )
    lines.append(
        _("Its articles wait for an editor's approval.")
        if options.hold
        else _("Its articles are published at once.")
    )
    for template, keywords in (
        # Translators: {words}: words that an editor wrote.
        (_("Only articles with: {words}"), options.require),
        # Translators: {words}: words that an editor wrote.
        (_("No articles with: {words}"), options.refuse),
    ):
        if keywords:
            keyword_text = _sanitize(
                truncate(list_separator(lang).join(keywords), _MAX_KEYWORDS_LENGTH)
            )
            lines.append(template.format(words=keyword_text))
    return [_address_line(feed, lang), *map(trusted_text, lines)]


def _health_lines(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[HtmlText]:
    _ = translator(lang).gettext
    health = feed.health
    lines = [_("It has not been read yet.")]
    if health.succeeded_at:
        # Translators: {at}: a date and time.
        lines = [_("Last read: {at}").format(at=_format_time(health.succeeded_at, lang, zone))]
    lines += _failure_lines(feed, lang, zone)
    if health.articles_per_day is not None:
        lines.append(
            # Translators: {count}: a number of articles.
            _("Articles a day: {count}").format(count=_format_rate(health.articles_per_day))
        )
    counts = (
        # Translators: {count}: a number of articles.
        (_("Articles still to be read: {count}"), health.waiting),
        (_("waiting for approval: {count}"), health.pending),
    )
    lines += [_format_count(template, count, lang) for template, count in counts if count]
    if health.site_limit_at:
        lines.append(
            # Translators: {at}: a date and time.
            _("Last day with more than 20 new sites: {at}").format(
                at=_format_time(health.site_limit_at, lang, zone)
            )
        )
    lines += [_queue_line(feed, lang)] if health.queued else []
    if feed.state is FeedState.ACTIVE:
        # Translators: {at}: a date and time.
        lines.append(_("Next reading: {at}").format(at=_format_time(feed.next_at, lang, zone)))
    return [trusted_text(line) for line in lines]


def _failure_lines(feed: FollowedFeed, lang: UiLanguage, zone: ZoneInfo) -> list[str]:
    """Return the last failure of a feed; while it fails, also the reason and the remedy."""
    _ = translator(lang).gettext
    health = feed.health
    if health.failed_at is None:
        return []
    # Translators: {at}: a date and time.
    lines = [_("Last failure: {at}").format(at=_format_time(health.failed_at, lang, zone))]
    if feed.state is FeedState.GONE:
        return [*lines, _(_GONE_REMEDY)]
    if health.failures:
        # Translators: {count}: a number of failures.
        lines.append(_format_count(_("Failures in a row: {count}"), health.failures, lang))
        lines += [f"⚠ {feed_reject_reason_text(health.error, lang)}"] if health.error else []
    return lines


def _address_line(feed: FollowedFeed, lang: UiLanguage) -> HtmlText:
    address = feed.discovered.address
    if len(address) > MAX_URL_LENGTH:
        return plain_text(truncate(address, _MAX_NAME_LENGTH * 2))
    label = truncate(address.partition("://")[2] or address, _MAX_NAME_LENGTH * 2)
    return join_html(
        [trusted_text(translator(lang).gettext("Address:")), link(isolate(label), address)],
        " ",
    )


def _language_name(tag: str) -> str:
    """Return the name of a language in that language, if the bot has a translation for it."""
    ui_language = UI_LANGUAGES.get(tag.partition("-")[0].lower())
    return (
        UI_LANGUAGE_NAMES[ui_language]
        if ui_language
        else _sanitize(truncate(tag, _MAX_NAME_LENGTH))
    )


def _field_line(template: str, empty_text: str, value: str | None) -> str:
    if not value:
        return empty_text
    return template.format(name=_sanitize(truncate(value, _MAX_NAME_LENGTH)))


def _format_time(instant: datetime, lang: UiLanguage, zone: ZoneInfo) -> str:
    return _sanitize(date_text(instant.astimezone(zone), lang))


def _format_rate(per_day: float) -> str:
    return f"{per_day:.1f}" if 0 < per_day < 10 else f"{per_day:.0f}"


def _format_count(template: str, count: int, lang: UiLanguage) -> str:
    return template.format(count=number_text(count, lang))


def _sanitize(value: str) -> str:
    return isolate(strip_controls(value))
