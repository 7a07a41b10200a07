"""Time zones, by what people write of where they are, or by their location."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.timezones.cities import LIBYA, GeoMatch, cities, known_zones
from bot.i18n.catalogue import UiLanguage

_LONGEST = 100
"""Letters; the longest name of a city has fewer."""
_MOST = 4
_SHARE = 10
"""A place outside Libya is offered where it has at least a tenth of the largest one's people."""
_BETWEEN = re.compile(r"[\s,،]+")
_FROM_GREENWICH = re.compile(r"Etc/GMT([+-])0*([1-9]\d?)")


class TimezoneMatch(NamedTuple):
    """Where somebody may be."""

    name: str
    """As to be shown, in the script in which it was asked for."""
    zone: str
    """IANA's name, which `ZoneInfo` takes."""
    country: str
    """ISO 3166-1 alpha-2; empty where a zone is no country's."""


def zones_named(said: str) -> list[TimezoneMatch]:
    """Return the places that a name may mean, the likeliest first; none where it names no place.

    A name is a city's or a country's in Arabic, English or French, a city's with its country after
    it, or a zone's («Europe/Berlin»). Places in Libya come first, then the most populous. Of places
    whose clocks will agree for a year only the likeliest is given, and four at most.
    """
    if len(said) > _LONGEST:
        return []
    if "/" in said:
        return _zone_called(said)
    parts = [part for part in _BETWEEN.split(said) if part]
    return _likeliest(_found(parts)) or _zone_called(said)


def zone_at(latitude: float, longitude: float) -> str | None:
    """Return the zone of a location in degrees, at sea Etc/GMT±n; None where no place is there."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    from timezonefinder import timezone_at

    zone = timezone_at(lat=latitude, lng=longitude)
    return zone if zone in known_zones() else None


def shown_zone(zone: str, lang: UiLanguage) -> str:
    """Return the name of a zone's city, or how far a zone without one is ahead of UTC («UTC+2»)."""
    from babel.core import Locale, get_global

    aliases = get_global("zone_aliases")
    usual = aliases.get(zone, zone)
    offset = _FROM_GREENWICH.fullmatch(usual)
    if offset:  # their signs are POSIX's, which counts west of Greenwich
        sign = "-" if offset[1] == "+" else "+"
        return _isolated(f"UTC{sign}{offset[2]}", lang)
    if usual.startswith("Etc/") or "/" not in usual:
        return _isolated(usual.removeprefix("Etc/"), lang)
    names = Locale(lang).time_zones
    # CLDR has some cities under their zone's former name.
    for each in (usual, *(former for former, now in aliases.items() if now == usual)):
        if "city" in names.get(each, {}):
            return str(names[each]["city"])
    return str(usual).rpartition("/")[2].replace("_", " ")


def _found(parts: list[str]) -> list[GeoMatch]:
    """Look for a city or a country, and then for a city with its country after it."""
    table = cities()
    found = table.lookup(" ".join(parts))
    for cut in range(len(parts) - 1, 0, -1):
        if found:
            break
        of = {each.site.country for each in table.lookup(" ".join(parts[cut:])) if each.site.whole}
        head = table.lookup(" ".join(parts[:cut])) if of else []
        found = [each for each in head if each.site.country in of]
    return found


def _likeliest(found: list[GeoMatch]) -> list[TimezoneMatch]:
    most = max((each.weight for each in found), default=0)
    likely = [each for each in found if each.site.country == LIBYA or each.weight * _SHARE >= most]
    likely.sort(key=lambda each: (each.site.country != LIBYA, -each.weight))
    places: list[TimezoneMatch] = []
    for each in likely:
        if not any(_agree(each.site.zone, place.zone) for place in places):
            places.append(TimezoneMatch(each.spelled, each.site.zone, each.site.country))
    return places[:_MOST]


def _agree(zone: str, other: str) -> bool:
    """Say whether the clocks of two zones agree, this year and next, on two days of every month."""
    year = datetime.now(UTC).year
    moments = [
        datetime(year + month // 12, month % 12 + 1, day, tzinfo=UTC)
        for month in range(24)
        for day in (1, 15)
    ]
    return zone == other or _offsets(zone, moments) == _offsets(other, moments)


def _offsets(zone: str, moments: Iterable[datetime]) -> list[object]:
    there = ZoneInfo(zone)
    return [moment.astimezone(there).utcoffset() for moment in moments]


def _zone_called(said: str) -> list[TimezoneMatch]:
    zone = _by_small_letters().get("_".join(said.casefold().split()))
    if zone is None:
        return []
    from babel.core import get_global

    usual = get_global("zone_aliases").get(zone, zone)
    country = get_global("zone_territories").get(usual, "")
    return [TimezoneMatch(zone, zone, country if country.isalpha() and country != "ZZ" else "")]


@cache
def _by_small_letters() -> dict[str, str]:
    return {zone.casefold(): zone for zone in known_zones()}


def _isolated(name: str, lang: UiLanguage) -> str:
    return f"\u2066{name}\u2069" if lang == "ar" else name
