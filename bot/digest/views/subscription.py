"""What somebody has chosen of the daily briefing, and the buttons to choose otherwise: pure."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from babel.dates import get_day_names

from bot.digest.models import EDITION_LENGTHS, EVERY_DAY, QUARTER_MINUTES, Subscription
from bot.digest.timezones.lookup import TimezoneMatch, zone_label
from bot.i18n.catalogue import UiLanguage, date_text, number_text
from bot.i18n.digest_strings import BRIEFING
from bot.i18n.phrases import isolate
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
_COMMA = {"ar": "، ", "en": ", ", "fr": ", "}
_BUTTONS_PER_ROW = 6
_CHECK_MARK = "✓ "


def render_not_subscribed(lang: UiLanguage) -> OutgoingMessage:
    """Say that a chat is not subscribed, with the button that changes it."""
    words = BRIEFING[lang]
    rows = (
        (Button(words["subscribe"], "sub:new"),),
        (Button(words["set now"], "sub:now"),),
    )
    return OutgoingMessage(trusted_text(words["none yet"]), rows)


def render_subscription(
    subscription: Subscription,
    next_at: datetime,
    now: datetime,
    lang: UiLanguage,
    title_key: str = "again",
) -> OutgoingMessage:
    """Lay out all that a chat has chosen, and when the next edition comes."""
    words = BRIEFING[lang]
    send_time = subscription.schedule.time
    zone = zone_label(subscription.schedule.zone, lang)
    lines = [
        bold(trusted_text(words[title_key])),
        trusted_text(words["time"].format(time=_time_text(send_time), zone=zone)),
        trusted_text(_days_text(subscription, lang)),
        trusted_text(words["length"].format(length=number_text(subscription.taste.length, lang))),
    ]
    for kind, topics in (
        ("include", subscription.taste.include),
        ("exclude", subscription.taste.exclude),
    ):
        if topics:
            before, _, after = words[kind].partition("{topics}")
            listed = join_html([bidi_isolate(plain_text(topic)) for topic in topics], _COMMA[lang])
            lines.append(join_html([trusted_text(before), listed, trusted_text(after)]))
    lines.append(trusted_text(words["silent" if subscription.taste.silent else "loud"]))
    lines.append(_next_edition_text(subscription, next_at, now, lang))
    pause = (
        ("set resume", "sub:resume")
        if _pause_end(subscription, now)
        else ("set pause", "sub:pause:7")
    )
    rows = (
        (Button(words["set time"], "sub:hour"), Button(words["set zone"], "sub:zone")),
        (Button(words["set days"], "sub:days"), Button(words["set length"], "sub:length")),
        (Button(words["set topics"], "sub:topics"), Button(words["set silent"], "sub:silent")),
        (Button(words[pause[0]], pause[1]), Button(words["set end"], "sub:end")),
        (Button(words["set now"], "sub:now"),),
    )
    return OutgoingMessage(join_html(lines, "\n"), rows)


def render_hour_choice(lang: UiLanguage) -> OutgoingMessage:
    """Ask for the hour."""
    buttons = [Button(f"{hour:02}", f"sub:hour:{hour}") for hour in range(24)]
    return _render_choice("choose hour", _button_rows(buttons), lang)


def render_minute_choice(hour: int, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the quarter of an hour."""
    row = tuple(
        Button(f"{hour:02}:{minute:02}", f"sub:at:{hour * 60 + minute}")
        for minute in range(0, 60, QUARTER_MINUTES)
    )
    return _render_choice("choose minute", (row,), lang)


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
    return _render_choice("choose zone", _button_rows(buttons, 3), lang)


def render_zone_matches(matches: list[TimezoneMatch], lang: UiLanguage) -> OutgoingMessage:
    """Ask which of several places is meant."""
    rows = tuple(
        (Button(f"{match.name} ({match.country}) · {match.zone}", f"sub:zone:{match.zone}"),)
        for match in matches
    )
    return _render_choice("choose zone one", rows, lang)


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
    return _render_choice("choose days", _button_rows(buttons, 3), lang)


def render_length_choice(subscription: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask how many stories an edition is to have."""
    row = tuple(
        Button(
            f"{_CHECK_MARK if length == subscription.taste.length else ''}{length}",
            f"sub:length:{length}",
        )
        for length in EDITION_LENGTHS
    )
    return _render_choice("choose length", (row,), lang)


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
    return _render_choice("topics", rows, lang)


def topic_key(topic: str) -> str:
    """Return what stands for a topic in a button."""
    return hashlib.sha256(topic.encode()).hexdigest()[:12]


def _render_choice(title_key: str, rows: Buttons, lang: UiLanguage) -> OutgoingMessage:
    words = BRIEFING[lang]
    return OutgoingMessage(
        trusted_text(words[title_key]), (*rows, (Button(words["back"], "sub:back"),))
    )


def _button_rows(buttons: list[Button], per_row: int = _BUTTONS_PER_ROW) -> Buttons:
    return tuple(
        tuple(buttons[start : start + per_row]) for start in range(0, len(buttons), per_row)
    )


def _time_text(time_of_day: time) -> str:
    return isolate(f"{time_of_day:%H:%M}")


def _days_text(subscription: Subscription, lang: UiLanguage) -> str:
    words = BRIEFING[lang]
    if subscription.schedule.days == EVERY_DAY:
        return words["daily"]
    names = get_day_names("wide", locale=lang)
    listed = _COMMA[lang].join(names[day] for day in sorted(subscription.schedule.days))
    return words["days"].format(days=listed)


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
    words = BRIEFING[lang]
    resumes = _pause_end(subscription, now)
    if resumes is not None:
        return trusted_text(words["paused"].format(day=date_text(resumes, lang)))
    local_next = _to_local_time(subscription, next_at)
    when = f"{date_text(local_next.date(), lang)} {_time_text(local_next.time())}"
    return trusted_text(words["next"].format(when=when))


def _to_local_time(subscription: Subscription, instant: datetime) -> datetime:
    return instant.astimezone(subscription.schedule.tz)
