"""Read the time of day beside a date: «الساعة 12:51 مساءً», "9:05 p.m.", "02:27:28 +0400"."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY_PARTS = {
    "before noon": r"صباحا|الصباح|ص|a\.?\s?m\.?|قبل الظهر|du matin",
    "night": r"فجرا|الفجر|ليلا|الليل|بعد منتصف الليل",
    "after noon": (
        r"مساء|المساء|مساءا|م|p\.?\s?m\.?|بعد الظهر|ظهرا|الظهر|عصرا|العصر|بعد العصر|مغربا|"
        r"du soir|de l['’]apres-midi"
    ),
}
_DAY_PART = "|".join(
    f"(?P<{name.replace(' ', '_')}>(?:{pattern}))" for name, pattern in _DAY_PARTS.items()
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
_UTC_OFFSET_HOURS = {name: hours for names, hours in _ABBREVIATED.items() for name in names.split()}
"""Hours ahead of UTC, for abbreviations with one meaning in the press of the region."""
_NAMED_ZONE = "|".join(sorted(_UTC_OFFSET_HOURS, key=len, reverse=True))
_ZONE_BY_PLACE = {
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
_PLACE_ZONE = (
    r"\(?(?:(?:ال)?توقيت(?: (?:ال)?محلي)? (?:مدينه |دوله )?|بتوقيت (?:مدينه )?|heure de |heure )?"
    r"(?P<place>(?:" + "|".join(_ZONE_BY_PLACE) + r"))(?: time)?\)?(?!\w)"
)
_ZONE = (
    r"(?:\(?(?:ب?توقيت )?(?:gmt|utc|غرينتش|جرينتش)\s?"
    r"(?P<gmt_hours>[+-]\d{1,2})(?::?(?P<gmt_minutes>\d{2}))?\)?(?![\d:])"
    r"|(?P<offset>[+-]\d{2}[:']?\d{2})(?!\d)|(?<=\d)(?P<offset_hours>[+-]\d{2})(?![\d:])"
    rf"|\(?(?P<zone_abbreviation>{_NAMED_ZONE})\)?(?!\w)|{_PLACE_ZONE})"
)
_TIME = (
    r"(?<![\d:])(?:"
    r"(?P<hour>\d{1,2})(?:\s?[:٫]\s?|\s?h\s?)(?P<minute>\d{2})"
    r"(?:\s?[:٫]\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"|(?P<dotted>\d{1,2})\.(?P<dotted_minute>\d{2})(?=\s?(?:"
    + _DAY_PARTS["after noon"]
    + "|"
    + _DAY_PARTS["before noon"]
    + rf"|{_NAMED_ZONE})(?!\w))"
    r"|(?P<bare_hour>\d{1,2})(?=\s?(?:" + "|".join(_DAY_PARTS.values()) + r")(?!\w))"
    r"|(?P<french_hour>\d{1,2})\s?h(?:eures?)?(?!\w)"
    r")(?!\d)"
    rf"(?:\s?(?:{_DAY_PART})(?!\w))?(?:\s?{_ZONE})?"
)
_GAP = r"[\s,،.;؛|•·()\[\]–—_/@-]{0,6}"
_TIME_LABEL = (
    r"(?:(?:في )?(?:تمام )?(?:علي )?(?:ال)?ساعه[\s:]*|التوقيت[\s:]*|الوقت[\s:]*|عند[\s:]*|في[\s:]*|"
    r"at |a |t|time: ?|heure: ?|, ?)?"
)
_AFTER = re.compile(_GAP + _TIME_LABEL + _GAP + f"(?P<time>{_TIME})")
_COMPACT = re.compile(
    r"t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?!\d)(?:[.,]\d{1,9})?" + rf"(?:{_ZONE})?"
)
_COMPACT_START = re.compile(r"t?\d{4}")
_BEFORE = re.compile(f"(?P<time>{_TIME})" + _GAP + r"(?:[\w]{2,12}[\s,،]{1,3})?\Z")
_MAX_DISTANCE_BEFORE = 40


class TimeOfDay(NamedTuple):
    """A time of day in a text, at `[start:end]`, with its time zone if one is printed."""

    value: time | None
    """None if the numbers are not a valid time of day."""
    zone: tzinfo | None
    zone_name: str | None
    start: int
    end: int

    def combine(self, midnight: datetime) -> datetime | None:
        """Return this time on the day of `midnight`, with a fixed UTC offset if it has a zone.

        None if the time is not valid.
        """
        if self.value is None:
            return None
        local = datetime.combine(midnight, self.value)
        if self.zone_name is None:
            return local.replace(tzinfo=self.zone)
        offset = local.replace(tzinfo=ZoneInfo(self.zone_name)).utcoffset()
        return local.replace(tzinfo=timezone(offset or timedelta()))


def find_time_after(text: str, start: int) -> TimeOfDay | None:
    """Return the time of day at `text[start:]`, folded, after punctuation and labels («الساعة»)."""
    match = _COMPACT.match(text, start) if _COMPACT_START.match(text, start) else None
    match = match or _AFTER.match(text, start)
    return match and _build_time_of_day(match)


def find_time_before(text: str, start: int, end: int) -> TimeOfDay | None:
    """Return the time of day that ends the folded `text[start:end]`, or None.

    Only the last 40 characters count; one short word may stand after the time.
    """
    start = max(start, end - _MAX_DISTANCE_BEFORE)
    match = _BEFORE.search(text, start, end)
    return match and _build_time_of_day(match)


def _build_time_of_day(match: re.Match[str]) -> TimeOfDay:
    groups = match.groupdict()
    hour = (
        groups["hour"]
        or groups.get("dotted")
        or groups.get("bare_hour")
        or groups.get("french_hour")
    )
    minute = groups["minute"] or groups.get("dotted_minute") or "0"
    second = min(int(groups["second"] or 0), 59)  # a leap second counts as 59
    try:
        value = time(_to_24_hours(int(hour or 0), groups), int(minute), second)
    except ValueError:
        value = None
    return TimeOfDay(value, _parse_offset(groups), _zone_of_place(groups["place"]), *match.span())


def _to_24_hours(hour: int, groups: dict[str, str | None]) -> int:
    if groups.get("after_noon") and hour < 12:
        # «11 ظهرا» is 11:00, not 23:00.
        is_before_noon = hour == 11 and (groups["after_noon"] or "").endswith(("ظهرا", "الظهر"))
        return hour if is_before_noon else hour + 12
    if groups.get("before_noon") and hour == 12:
        return 0
    if groups.get("night"):
        is_evening = 6 <= hour < 12 and (groups["night"] or "") in {"ليلا", "الليل"}
        return hour + 12 if is_evening else hour % 12 if hour == 12 else hour
    return hour


def _parse_offset(groups: dict[str, str | None]) -> tzinfo | None:
    if abbreviation := groups["zone_abbreviation"]:
        return timezone(timedelta(hours=_UTC_OFFSET_HOURS[abbreviation]))
    if groups["gmt_hours"]:
        sign, hours, minutes = (
            groups["gmt_hours"][0],
            groups["gmt_hours"][1:],
            groups["gmt_minutes"] or "0",
        )
    elif offset_text := groups["offset"] or groups["offset_hours"]:
        sign, hours, minutes = offset_text[0], offset_text[1:3], offset_text[3:].lstrip(":'") or "0"
    else:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > timedelta(hours=14) or int(minutes) > 59:
        return None
    return timezone(-offset if sign == "-" else offset)


def _zone_of_place(place: str | None) -> str | None:
    if place is None:
        return None
    return next(zone for names, zone in _ZONE_BY_PLACE.items() if re.fullmatch(names, place))
