"""Render the settings of a subscription and the menus that change them; pure functions."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from babel.dates import get_day_names

from bot.digest.callbacks import SettingsAction
from bot.digest.models import (
    EDITION_LENGTHS,
    EVERY_DAY,
    MAX_TOPIC_LENGTH,
    QUARTER_MINUTES,
    Subscription,
)
from bot.digest.timezones.lookup import TimezoneMatch, zone_label
from bot.i18n.formats import date_text, list_separator, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import isolate
from bot.i18n.translations import N_, translator
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    bold,
    join_html,
    plain_text,
    trusted_text,
)

OFFERED_ZONES = (
    "Africa/Tripoli",
    "Africa/Tunis",
    "Africa/Cairo",
    "Europe/Rome",
    "Europe/Paris",
    "Europe/London",
    "Europe/Istanbul",
    "Asia/Dubai",
    "America/New_York",
)
"""The time zones with a button; users can name any other."""
_BUTTONS_PER_ROW = 6
_CHECK_MARK = "✓ "


def render_not_subscribed(lang: UiLanguage) -> OutgoingMessage:
    """Say that a chat is not subscribed, with a button to subscribe."""
    _ = translator(lang).gettext
    rows = (
        # Translators: Button.
        (Button(_("Subscribe"), _pack_action("new")),),
        # Translators: Button.
        (Button(_("The news now"), _pack_action("now")),),
    )
    return OutgoingMessage(
        trusted_text(
            _(
                "You are not subscribed to the daily digest. Tap below to get it every "
                "day at 08:00, Tripoli time."
            )
        ),
        rows,
    )


def render_subscription(
    subscription: Subscription,
    next_at: datetime,
    now: datetime,
    lang: UiLanguage,
    title: str | None = None,
) -> OutgoingMessage:
    """Render all settings of a subscription, and when its next edition is due."""
    _ = translator(lang).gettext
    send_time = subscription.schedule.time
    zone = zone_label(subscription.schedule.zone, lang)
    lines = [
        bold(trusted_text(title or _("You are subscribed to the daily digest."))),
        # Translators: {time}: a time of day; {zone}: a city or a time zone.
        trusted_text(_("At {time}, {zone} time").format(time=_time_text(send_time), zone=zone)),
        trusted_text(_days_text(subscription, lang)),
        trusted_text(
            # Translators: {length}: a number of stories.
            _("Stories: {length}").format(length=number_text(subscription.taste.length, lang))
        ),
    ]
    for template, topics in (
        # Translators: {topics}: a list of topics or names.
        (_("Only about: {topics}"), subscription.taste.include),
        # Translators: {topics}: a list of topics or names.
        (_("Not about: {topics}"), subscription.taste.exclude),
    ):
        if topics:
            before, _separator, after = template.partition("{topics}")
            listed = join_html(
                [bidi_isolate(plain_text(topic)) for topic in topics], list_separator(lang)
            )
            lines.append(join_html([trusted_text(before), listed, trusted_text(after)]))
    lines.append(
        trusted_text(
            _("If there is no news: send nothing")
            if subscription.taste.silent
            else _("If there is no news: tell me")
        )
    )
    lines.append(_next_edition_text(subscription, next_at, now, lang))
    pause_button = (
        # Translators: Button.
        Button(_("Resume"), _pack_action("resume"))
        if _pause_end(subscription, now)
        # Translators: Button.
        else Button(_("Pause for 7 days"), _pack_action("pause", "7"))
    )
    rows = (
        (
            # Translators: Button.
            Button(_("Time"), _pack_action("hour")),
            # Translators: Button.
            Button(_("Time zone"), _pack_action("zone")),
        ),
        (
            # Translators: Button.
            Button(_("Days"), _pack_action("days")),
            # Translators: Button.
            Button(_("Number of stories"), _pack_action("length")),
        ),
        (
            # Translators: Button.
            Button(_("Topics"), _pack_action("topics")),
            # Translators: Button.
            Button(_("Day without news"), _pack_action("silent")),
        ),
        # Translators: Button.
        (pause_button, Button(_("Unsubscribe"), _pack_action("end"))),
        (Button(_("The news now"), _pack_action("now")),),
    )
    return OutgoingMessage(join_html(lines, "\n"), rows)


def render_hour_choice(lang: UiLanguage) -> OutgoingMessage:
    """Render the menu of hours."""
    buttons = [Button(f"{hour:02}", _pack_action("hour", str(hour))) for hour in range(24)]
    return _render_choice(N_("At what hour?"), _button_rows(buttons), lang)


def render_minute_choice(hour: int, lang: UiLanguage) -> OutgoingMessage:
    """Render the menu of quarters of an hour."""
    row = tuple(
        Button(f"{hour:02}:{minute:02}", _pack_action("at", str(hour * 60 + minute)))
        for minute in range(0, 60, QUARTER_MINUTES)
    )
    return _render_choice(N_("At what time exactly?"), (row,), lang)


def render_zone_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Render the menu of time zones: some cities, and how to name another one."""
    offered_zones = dict.fromkeys((*OFFERED_ZONES, subscription.schedule.zone))
    buttons = [
        Button(
            f"{_CHECK_MARK if zone == subscription.schedule.zone else ''}{zone_label(zone, lang)}",
            _pack_action("zone", zone),
        )
        for zone in offered_zones
    ]
    return _render_choice(
        N_("Choose a city, write /zone and the name of one, or send your location."),
        _button_rows(buttons, 3),
        lang,
    )


def render_zone_matches(matches: list[TimezoneMatch], lang: UiLanguage) -> OutgoingMessage:
    """Ask which of several places the user means."""
    rows = tuple(
        (
            Button(
                f"{match.name} ({match.country}) · {match.zone}", _pack_action("zone", match.zone)
            ),
        )
        for match in matches
    )
    return _render_choice(N_("Which one do you mean?"), rows, lang)


def render_day_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Render the menu of weekdays; in Arabic the week starts on Saturday."""
    names = get_day_names("wide", locale=lang)
    weekdays = (5, 6, 0, 1, 2, 3, 4) if lang == "ar" else tuple(range(7))
    buttons = [
        Button(
            f"{_CHECK_MARK if day in subscription.schedule.days else ''}{names[day]}",
            _pack_action("day", str(day)),
        )
        for day in weekdays
    ]
    return _render_choice(
        N_("On which days? Tap a day to add or remove it."), _button_rows(buttons, 3), lang
    )


def render_length_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Render the menu of edition lengths."""
    row = tuple(
        Button(
            f"{_CHECK_MARK if length == subscription.taste.length else ''}{length}",
            _pack_action("length", str(length)),
        )
        for length in EDITION_LENGTHS
    )
    return _render_choice(N_("How many stories?"), (row,), lang)


def render_topics(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Show the included and excluded topics, each with a button that removes it."""
    rows = tuple(
        (Button(f"✕ {sign} {topic}"[:60], _pack_action("drop", f"{kind}:{topic_key(topic)}")),)
        for kind, sign, chosen_topics in (
            ("i", "+", subscription.taste.include),
            ("x", "−", subscription.taste.exclude),
        )
        for topic in chosen_topics
    )
    return _render_choice(
        N_(
            "To get only stories about a topic or a name, write /include and the "
            "topic or name. To leave them out, write /exclude and the topic or name. "
            "Tap a button to remove one."
        ),
        rows,
        lang,
    )


def invalid_topic_text(lang: UiLanguage) -> str:
    """Return the text that says what a valid topic is."""
    # Translators: {longest}: the largest number allowed.
    template = translator(lang).ngettext(
        "Give a name or topic of 2 to {longest} character.",
        "Give a name or topic of 2 to {longest} characters.",
        MAX_TOPIC_LENGTH,
    )
    return template.format(longest=MAX_TOPIC_LENGTH)


def topic_key(topic: str) -> str:
    """Return the key of a topic in callback data: the start of its SHA-256 hash, in hex."""
    return hashlib.sha256(topic.encode()).hexdigest()[:12]


def _pack_action(name: str, value: str = "") -> str:
    return SettingsAction(name=name, value=value).pack()


def _render_choice(title: str, rows: Buttons, lang: UiLanguage) -> OutgoingMessage:
    _ = translator(lang).gettext
    # Translators: Button.
    back = Button(_("◀ Back"), _pack_action("back"))
    return OutgoingMessage(trusted_text(_(title)), (*rows, (back,)))


def _button_rows(buttons: list[Button], per_row: int = _BUTTONS_PER_ROW) -> Buttons:
    return tuple(
        tuple(buttons[start : start + per_row]) for start in range(0, len(buttons), per_row)
    )


def _time_text(time_of_day: time) -> str:
    return isolate(f"{time_of_day:%H:%M}")


def _days_text(subscription: Subscription, lang: UiLanguage) -> str:
    _ = translator(lang).gettext
    if subscription.schedule.days == EVERY_DAY:
        return _("Every day")
    names = get_day_names("wide", locale=lang)
    listed = list_separator(lang).join(names[day] for day in sorted(subscription.schedule.days))
    # Translators: {days}: a list of weekdays.
    return _("Days: {days}").format(days=listed)


def _pause_end(subscription: Subscription, now: datetime) -> date | None:
    """Return the day on which a current pause ends; None if there is no pause now."""
    resumes = subscription.schedule.resumes
    return (
        resumes
        if resumes is not None and _to_local_time(subscription, now).date() < resumes
        else None
    )


def _next_edition_text(
    subscription: Subscription, next_at: datetime, now: datetime, lang: UiLanguage
) -> HtmlText:
    _ = translator(lang).gettext
    resumes = _pause_end(subscription, now)
    if resumes is not None:
        # Translators: {day}: a date.
        return trusted_text(_("Paused until {day}").format(day=date_text(resumes, lang)))
    local_next = _to_local_time(subscription, next_at)
    when = f"{date_text(local_next.date(), lang)} {_time_text(local_next.time())}"
    # Translators: {when}: a date and time.
    return trusted_text(_("Next digest: {when}").format(when=when))


def _to_local_time(subscription: Subscription, instant: datetime) -> datetime:
    return instant.astimezone(subscription.schedule.tz)
