"""What somebody has chosen of the daily briefing, and the buttons to choose otherwise: pure."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from babel.dates import get_day_names

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
"""The zones that are offered; any other can be named."""
_BUTTONS_PER_ROW = 6
_CHECK_MARK = "✓ "


def render_not_subscribed(lang: UiLanguage) -> OutgoingMessage:
    """Say that a chat is not subscribed, with the button that changes it."""
    _ = translator(lang).gettext
    rows = (
        # Translators: Button.
        (Button(_("Subscribe"), "sub:new"),),
        # Translators: Button.
        (Button(_("The news now"), "sub:now"),),
    )
    return OutgoingMessage(
        trusted_text(
            _(
                "You are not subscribed to the daily digest. One tap, and it comes every "
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
    """Lay out all that a chat has chosen, and when the next edition comes."""
    _ = translator(lang).gettext
    send_time = subscription.schedule.time
    zone = zone_label(subscription.schedule.zone, lang)
    lines = [
        bold(trusted_text(title or _("You are subscribed to the daily digest."))),
        # Translators: {time}: a time of day; {zone}: a city or a time zone.
        trusted_text(_("At {time}, time of {zone}").format(time=_time_text(send_time), zone=zone)),
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
            _("On a day without news: I send nothing")
            if subscription.taste.silent
            else _("On a day without news: I say so")
        )
    )
    lines.append(_next_edition_text(subscription, next_at, now, lang))
    pause = (
        # Translators: Button.
        Button(_("Go on"), "sub:resume")
        if _pause_end(subscription, now)
        # Translators: Button.
        else Button(_("Pause for 7 days"), "sub:pause:7")
    )
    rows = (
        (
            # Translators: Button.
            Button(_("Time"), "sub:hour"),
            # Translators: Button.
            Button(_("Time zone"), "sub:zone"),
        ),
        (
            # Translators: Button.
            Button(_("Days"), "sub:days"),
            # Translators: Button.
            Button(_("Length"), "sub:length"),
        ),
        (
            # Translators: Button.
            Button(_("Topics"), "sub:topics"),
            # Translators: Button.
            Button(_("Day without news"), "sub:silent"),
        ),
        # Translators: Button.
        (pause, Button(_("Unsubscribe"), "sub:end")),
        (Button(_("The news now"), "sub:now"),),
    )
    return OutgoingMessage(join_html(lines, "\n"), rows)


def render_hour_choice(lang: UiLanguage) -> OutgoingMessage:
    """Ask for the hour."""
    buttons = [Button(f"{hour:02}", f"sub:hour:{hour}") for hour in range(24)]
    return _render_choice(N_("At which hour?"), _button_rows(buttons), lang)


def render_minute_choice(hour: int, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the quarter of an hour."""
    row = tuple(
        Button(f"{hour:02}:{minute:02}", f"sub:at:{hour * 60 + minute}")
        for minute in range(0, 60, QUARTER_MINUTES)
    )
    return _render_choice(N_("At which minute?"), (row,), lang)


def render_zone_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the zone: some cities, and how to name another."""
    offered_zones = dict.fromkeys((*OFFERED_ZONES, subscription.schedule.zone))
    buttons = [
        Button(
            f"{_CHECK_MARK if zone == subscription.schedule.zone else ''}{zone_label(zone, lang)}",
            f"sub:zone:{zone}",
        )
        for zone in offered_zones
    ]
    return _render_choice(
        N_("Choose a city, write /zone and the name of one, or send your location."),
        _button_rows(buttons, 3),
        lang,
    )


def render_zone_matches(matches: list[TimezoneMatch], lang: UiLanguage) -> OutgoingMessage:
    """Ask which of several places is meant."""
    rows = tuple(
        (Button(f"{match.name} ({match.country}) · {match.zone}", f"sub:zone:{match.zone}"),)
        for match in matches
    )
    return _render_choice(N_("Which one do you mean?"), rows, lang)


def render_day_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the days of the week."""
    names = get_day_names("wide", locale=lang)
    weekdays = (5, 6, 0, 1, 2, 3, 4) if lang == "ar" else tuple(range(7))
    buttons = [
        Button(
            f"{_CHECK_MARK if day in subscription.schedule.days else ''}{names[day]}",
            f"sub:day:{day}",
        )
        for day in weekdays
    ]
    return _render_choice(
        N_("On which days? Tap a day to add it or to take it out."), _button_rows(buttons, 3), lang
    )


def render_length_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask how many stories an edition is to have."""
    row = tuple(
        Button(
            f"{_CHECK_MARK if length == subscription.taste.length else ''}{length}",
            f"sub:length:{length}",
        )
        for length in EDITION_LENGTHS
    )
    return _render_choice(N_("How many stories?"), (row,), lang)


def render_topics(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Show what the edition is to be about and what not, each with the button that drops it."""
    rows = tuple(
        (Button(f"✕ {sign} {topic}"[:60], f"sub:drop:{kind}:{topic_key(topic)}"),)
        for kind, sign, chosen_topics in (
            ("i", "+", subscription.taste.include),
            ("x", "−", subscription.taste.exclude),
        )
        for topic in chosen_topics
    )
    return _render_choice(
        N_(
            "To have only stories about a topic or a name: /include and its name. To "
            "leave it out: /exclude and its name. A button takes one away."
        ),
        rows,
        lang,
    )


def invalid_topic_text(lang: UiLanguage) -> str:
    """Say why what was written cannot be a topic."""
    # Translators: {longest}: the largest number allowed.
    template = translator(lang).ngettext(
        "That cannot be a topic: it takes 2 to {longest} character, and a word "
        "that says something.",
        "That cannot be a topic: it takes 2 to {longest} characters, and a word "
        "that says something.",
        MAX_TOPIC_LENGTH,
    )
    return template.format(longest=MAX_TOPIC_LENGTH)


def topic_key(topic: str) -> str:
    """Return what stands for a topic in a button."""
    return hashlib.sha256(topic.encode()).hexdigest()[:12]


def _render_choice(title: str, rows: Buttons, lang: UiLanguage) -> OutgoingMessage:
    _ = translator(lang).gettext
    # Translators: Button.
    back = Button(_("◀ Back"), "sub:back")
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
    """Return the day on which a pause ends; None where there is none, or none any more."""
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
    return trusted_text(_("Next edition: {when}").format(when=when))


def _to_local_time(subscription: Subscription, instant: datetime) -> datetime:
    return instant.astimezone(subscription.schedule.tz)
