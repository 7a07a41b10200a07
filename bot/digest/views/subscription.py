"""What somebody has chosen of the daily briefing, and the buttons to choose otherwise: pure."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from babel.dates import get_day_names

from bot.digest.models import EVERY_DAY, LENGTHS, QUARTER, Subscription
from bot.digest.timezones.lookup import TimezoneMatch, shown_zone
from bot.i18n.catalogue import UiLanguage, shown_date, shown_number
from bot.i18n.digest_strings import BRIEFING
from bot.i18n.phrases import isolated
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    bold,
    joined,
    text,
    trusted_text,
)

CITIES = (
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
_IN_A_ROW = 6
_ON = "✓ "


def nobody(lang: UiLanguage) -> OutgoingMessage:
    """Say that a chat is not subscribed, with the button that changes it."""
    words = BRIEFING[lang]
    rows = (
        (Button(words["subscribe"], "sub:new"),),
        (Button(words["set now"], "sub:now"),),
    )
    return OutgoingMessage(trusted_text(words["none yet"]), rows)


def chosen(
    of: Subscription, next_at: datetime, now: datetime, lang: UiLanguage, said: str = "again"
) -> OutgoingMessage:
    """Lay out all that a chat has chosen, and when the next edition comes."""
    words = BRIEFING[lang]
    at = of.schedule.time
    zone = shown_zone(of.schedule.zone, lang)
    lines = [
        bold(trusted_text(words[said])),
        trusted_text(words["time"].format(time=_clock(at), zone=zone)),
        trusted_text(_days(of, lang)),
        trusted_text(words["length"].format(length=shown_number(of.taste.length, lang))),
    ]
    for kind, topics in (("include", of.taste.include), ("exclude", of.taste.exclude)):
        if topics:
            before, _, after = words[kind].partition("{topics}")
            listed = joined([bidi_isolate(text(topic)) for topic in topics], _COMMA[lang])
            lines.append(joined([trusted_text(before), listed, trusted_text(after)]))
    lines.append(trusted_text(words["silent" if of.taste.silent else "loud"]))
    lines.append(_coming(of, next_at, now, lang))
    pause = ("set resume", "sub:resume") if _paused(of, now) else ("set pause", "sub:pause:7")
    rows = (
        (Button(words["set time"], "sub:hour"), Button(words["set zone"], "sub:zone")),
        (Button(words["set days"], "sub:days"), Button(words["set length"], "sub:length")),
        (Button(words["set topics"], "sub:topics"), Button(words["set silent"], "sub:silent")),
        (Button(words[pause[0]], pause[1]), Button(words["set end"], "sub:end")),
        (Button(words["set now"], "sub:now"),),
    )
    return OutgoingMessage(joined(lines, "\n"), rows)


def hours(lang: UiLanguage) -> OutgoingMessage:
    """Ask for the hour."""
    buttons = [Button(f"{hour:02}", f"sub:hour:{hour}") for hour in range(24)]
    return _asked("choose hour", _rows(buttons), lang)


def minutes(hour: int, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the quarter of an hour."""
    row = tuple(
        Button(f"{hour:02}:{minute:02}", f"sub:at:{hour * 60 + minute}")
        for minute in range(0, 60, QUARTER)
    )
    return _asked("choose minute", (row,), lang)


def zones(of: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the zone: some cities, and how to name another."""
    offered = dict.fromkeys((*CITIES, of.schedule.zone))
    buttons = [
        Button(
            f"{_ON if zone == of.schedule.zone else ''}{shown_zone(zone, lang)}",
            f"sub:zone:{zone}",
        )
        for zone in offered
    ]
    return _asked("choose zone", _rows(buttons, 3), lang)


def which(found: list[TimezoneMatch], lang: UiLanguage) -> OutgoingMessage:
    """Ask which of several places is meant."""
    rows = tuple(
        (Button(f"{each.name} ({each.country}) · {each.zone}", f"sub:zone:{each.zone}"),)
        for each in found
    )
    return _asked("choose zone one", rows, lang)


def days(of: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask for the days of the week."""
    names = get_day_names("wide", locale=lang)
    order = (5, 6, 0, 1, 2, 3, 4) if lang == "ar" else tuple(range(7))
    buttons = [
        Button(f"{_ON if day in of.schedule.days else ''}{names[day]}", f"sub:day:{day}")
        for day in order
    ]
    return _asked("choose days", _rows(buttons, 3), lang)


def lengths(of: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Ask how many stories an edition is to have."""
    row = tuple(
        Button(f"{_ON if each == of.taste.length else ''}{each}", f"sub:length:{each}")
        for each in LENGTHS
    )
    return _asked("choose length", (row,), lang)


def topics(of: Subscription, lang: UiLanguage) -> OutgoingMessage:
    """Show what the edition is to be about and what not, each with the button that drops it."""
    rows = tuple(
        (Button(f"✕ {sign} {topic}"[:60], f"sub:drop:{kind}:{topic_key(topic)}"),)
        for kind, sign, chosen_ones in (
            ("i", "+", of.taste.include),
            ("x", "−", of.taste.exclude),
        )
        for topic in chosen_ones
    )
    return _asked("topics", rows, lang)


def topic_key(topic: str) -> str:
    """Return what stands for a topic in a button."""
    return hashlib.sha256(topic.encode()).hexdigest()[:12]


def _asked(said: str, rows: Buttons, lang: UiLanguage) -> OutgoingMessage:
    words = BRIEFING[lang]
    return OutgoingMessage(trusted_text(words[said]), (*rows, (Button(words["back"], "sub:back"),)))


def _rows(buttons: list[Button], each: int = _IN_A_ROW) -> Buttons:
    return tuple(tuple(buttons[start : start + each]) for start in range(0, len(buttons), each))


def _clock(at: time) -> str:
    return isolated(f"{at:%H:%M}")


def _days(of: Subscription, lang: UiLanguage) -> str:
    words = BRIEFING[lang]
    if of.schedule.days == EVERY_DAY:
        return words["daily"]
    names = get_day_names("wide", locale=lang)
    listed = _COMMA[lang].join(names[day] for day in sorted(of.schedule.days))
    return words["days"].format(days=listed)


def _paused(of: Subscription, now: datetime) -> date | None:
    """Return the day on which a pause ends; None where there is none, or none any more."""
    resumes = of.schedule.resumes
    return resumes if resumes is not None and _local(of, now).date() < resumes else None


def _coming(of: Subscription, next_at: datetime, now: datetime, lang: UiLanguage) -> HtmlText:
    words = BRIEFING[lang]
    resumes = _paused(of, now)
    if resumes is not None:
        return trusted_text(words["paused"].format(day=shown_date(resumes, lang)))
    local = _local(of, next_at)
    when = f"{shown_date(local.date(), lang)} {_clock(local.time())}"
    return trusted_text(words["next"].format(when=when))


def _local(of: Subscription, moment: datetime) -> datetime:
    return moment.astimezone(of.schedule.tz)
