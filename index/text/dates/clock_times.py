"""The time of day beside a date: «الساعة 12:51 مساءً», "9:05 p.m.", "21h43", "02:27:28 +0400"."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

_HALVES = {
    "before noon": r"صباحا|الصباح|ص|a\.?\s?m\.?|قبل الظهر|du matin",
    "night": r"فجرا|الفجر|ليلا|الليل|بعد منتصف الليل",
    "after noon": (
        r"مساء|المساء|مساءا|م|p\.?\s?m\.?|بعد الظهر|ظهرا|الظهر|عصرا|العصر|بعد العصر|مغربا|"
        r"du soir|de l['’]apres-midi"
    ),
}
_HALF = "|".join(
    f"(?P<{name.replace(' ', '_')}>(?:{pattern}))" for name, pattern in _HALVES.items()
)
_ABBREVIATED = {
    "z ut utc gmt wet cut": 0,
    "cet met wat bst west": 1,
    "cest eet cat sast": 2,
    "eest msk": 3,
    "gst": 4,
    "edt": -4,
    "est cdt": -5,
    "cst mdt": -6,
    "mst pdt": -7,
    "pst": -8,
}
_HOURS = {name: hours for names, hours in _ABBREVIATED.items() for name in names.split()}
"""Hours before UTC, of abbreviations that mean one thing in the press that is read here."""
_NAMED_ZONE = "|".join(sorted(_HOURS, key=len, reverse=True))
_PLACES = {
    r"غرينتش|جرينتش|غرينيتش|جرينيتش|قرينتش|القرينتش": "UTC",
    r"ليبيا|طرابلس|بنغازي|libya|libyan|tripoli|libye": "Africa/Tripoli",
    r"القاهره|مصر|cairo|du caire|egypt": "Africa/Cairo",
    r"تونس|tunis|tunisia|tunisie": "Africa/Tunis",
    r"الجزائر|algiers|d['’]alger|alger": "Africa/Algiers",
    r"المغرب|الرباط|rabat|morocco": "Africa/Casablanca",
    r"مكه(?: المكرمه)?|السعوديه|الرياض|mecca|makkah|riyadh": "Asia/Riyadh",
    r"الدوحه|قطر|doha": "Asia/Qatar",
    r"ابو ظبي|دبي|الامارات|dubai": "Asia/Dubai",
    r"بيروت|لبنان|beirut|beyrouth": "Asia/Beirut",
    r"لندن|london|londres": "Europe/London",
    r"باريس|paris": "Europe/Paris",
    r"روما|rome": "Europe/Rome",
}
_BY_PLACE = (
    r"\(?(?:(?:ال)?توقيت(?: (?:ال)?محلي)? (?:مدينه |دوله )?|بتوقيت (?:مدينه )?|heure de |heure )?"
    r"(?P<place>(?:" + "|".join(_PLACES) + r"))(?: time)?\)?(?!\w)"
)
_ZONE = (
    r"(?:\(?(?:ب?توقيت )?(?:gmt|utc|غرينتش|جرينتش)\s?"
    r"(?P<whole>[+-]\d{1,2})(?::?(?P<odd>\d{2}))?\)?(?![\d:])"
    r"|(?P<offset>[+-]\d{2}[:']?\d{2})(?!\d)|(?<=\d)(?P<short>[+-]\d{2})(?![\d:])"
    rf"|\(?(?P<named>{_NAMED_ZONE})\)?(?!\w)|{_BY_PLACE})"
)
_TIME = (
    r"(?<![\d:])(?:"
    r"(?P<hour>\d{1,2})(?:\s?[:٫]\s?|\s?h\s?)(?P<minute>\d{2})"
    r"(?:\s?[:٫]\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"|(?P<dotted>\d{1,2})\.(?P<dotted_minute>\d{2})(?=\s?(?:"
    + _HALVES["after noon"]
    + "|"
    + _HALVES["before noon"]
    + rf"|{_NAMED_ZONE})(?!\w))"
    r"|(?P<alone>\d{1,2})(?=\s?(?:" + "|".join(_HALVES.values()) + r")(?!\w))"
    r"|(?P<french>\d{1,2})\s?h(?:eures?)?(?!\w)"
    r")(?!\d)"
    rf"(?:\s?(?:{_HALF})(?!\w))?(?:\s?{_ZONE})?"
)
_BETWEEN = r"[\s,،.;؛|•·()\[\]–—_/@-]{0,6}"
_SAID = (
    r"(?:(?:في )?(?:تمام )?(?:علي )?(?:ال)?ساعه[\s:]*|التوقيت[\s:]*|الوقت[\s:]*|عند[\s:]*|في[\s:]*|"
    r"at |a |t|time: ?|heure: ?|, ?)?"
)
_AFTER = re.compile(_BETWEEN + _SAID + _BETWEEN + f"(?P<time>{_TIME})")
_COMPACT = re.compile(
    r"t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?!\d)(?:[.,]\d{1,9})?" + rf"(?:{_ZONE})?"
)
_RUNS_ON = re.compile(r"t?\d{4}")
_BEFORE = re.compile(f"(?P<time>{_TIME})" + _BETWEEN + r"(?:[\w]{2,12}[\s,،]{1,3})?\Z")
_FARTHEST_BEFORE = 40


class TimeOfDay(NamedTuple):
    """A time of day as it was written, its zone where one was, and where it stands."""

    at: time | None
    """None where the numbers are no time of day."""
    zone: tzinfo | None
    place: str | None
    start: int
    end: int

    def on(self, day: datetime) -> datetime | None:
        """Return the moment of this clock on midnight `day`, with a fixed offset if any."""
        if self.at is None:
            return None
        moment = datetime.combine(day, self.at)
        if self.place is None:
            return moment.replace(tzinfo=self.zone)
        offset = moment.replace(tzinfo=ZoneInfo(self.place)).utcoffset()
        return moment.replace(tzinfo=timezone(offset or timedelta()))


def clock_after(text: str, start: int) -> TimeOfDay | None:
    """Return the time of day that stands at `text[start:]`, folded, behind marks and «الساعة»."""
    found = _COMPACT.match(text, start) if _RUNS_ON.match(text, start) else None
    found = found or _AFTER.match(text, start)
    return found and _clock(found)


def clock_before(text: str, start: int, end: int) -> TimeOfDay | None:
    """Return the last time of day in the folded `text[start:end]`, if a date could follow it."""
    start = max(start, end - _FARTHEST_BEFORE)
    found = _BEFORE.search(text, start, end)
    return found and _clock(found)


def _clock(found: re.Match[str]) -> TimeOfDay:
    said = found.groupdict()
    hour = said["hour"] or said.get("dotted") or said.get("alone") or said.get("french")
    minute = said["minute"] or said.get("dotted_minute") or "0"
    second = min(int(said["second"] or 0), 59)  # a leap second is the last of its minute
    try:
        at = time(_hour_of_day(int(hour or 0), said), int(minute), second)
    except ValueError:
        at = None
    return TimeOfDay(at, _zone(said), _place(said["place"]), *found.span())


def _hour_of_day(hour: int, said: dict[str, str | None]) -> int:
    if said.get("after_noon") and hour < 12:
        # «11 ظهرا» is before noon.
        early = hour == 11 and (said["after_noon"] or "").endswith(("ظهرا", "الظهر"))
        return hour if early else hour + 12
    if said.get("before_noon") and hour == 12:
        return 0
    if said.get("night"):
        late = 6 <= hour < 12 and (said["night"] or "") in {"ليلا", "الليل"}
        return hour + 12 if late else hour % 12 if hour == 12 else hour
    return hour


def _zone(said: dict[str, str | None]) -> tzinfo | None:
    if named := said["named"]:
        return timezone(timedelta(hours=_HOURS[named]))
    if said["whole"]:
        sign, hours, minutes = said["whole"][0], said["whole"][1:], said["odd"] or "0"
    elif written := said["offset"] or said["short"]:
        sign, hours, minutes = written[0], written[1:3], written[3:].lstrip(":'") or "0"
    else:
        return None
    away = timedelta(hours=int(hours), minutes=int(minutes))
    if away > timedelta(hours=14) or int(minutes) > 59:
        return None
    return timezone(-away if sign == "-" else away)


def _place(written: str | None) -> str | None:
    if written is None:
        return None
    return next(zone for names, zone in _PLACES.items() if re.fullmatch(names, written))
