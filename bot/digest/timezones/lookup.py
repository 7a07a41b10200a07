"""Time zones, by what people write of where they are, or by their location."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.timezones.cities import LIBYA, GeoMatch, cities, known_zones
from bot.i18n.languages import UiLanguage

_MAX_NAME_LENGTH = 100
"""Letters; the longest name of a city has fewer."""
_MAX_MATCHES = 4
_MAX_POPULATION_RATIO = 10
"""A place outside Libya is offered where it has at least a tenth of the largest one's people."""
_SEPARATORS = re.compile(r"[\s,،]+")
_GMT_OFFSET_ZONE = re.compile(r"Etc/GMT([+-])0*([1-9]\d?)")


class TimezoneMatch(NamedTuple):
    """Where somebody may be."""

    name: str
    """As to be shown, in the script in which it was asked for."""
    zone: str
    """IANA's name, which `ZoneInfo` takes."""
    country: str
    """ISO 3166-1 alpha-2; empty where a zone is no country's."""


def find_zones(text: str) -> list[TimezoneMatch]:
    """Return the places that a name may mean, the likeliest first; none where it names no place.

    A name is a city's or a country's in Arabic, English or French, a city's with its country after
    it, or a zone's («Europe/Berlin»). Places in Libya come first, then the most populous. Of places
    whose clocks will agree for a year only the likeliest is given, and four at most.
    """
    if len(text) > _MAX_NAME_LENGTH:
        return []
    if "/" in text:
        return _find_zone_by_id(text)
    parts = [part for part in _SEPARATORS.split(text) if part]
    return _likeliest_zones(_find_places(parts)) or _find_zone_by_id(text)


def zone_at(latitude: float, longitude: float) -> str | None:
    """Return the zone of a location in degrees, at sea Etc/GMT±n; None where no place is there."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    from timezonefinder import timezone_at

    zone = timezone_at(lat=latitude, lng=longitude)
    return zone if zone in known_zones() else None


def zone_label(zone: str, lang: UiLanguage) -> str:
    """Return the name of a zone's city, or how far a zone without one is ahead of UTC («UTC+2»)."""
    from babel.core import Locale, get_global

    aliases = get_global("zone_aliases")
    canonical = aliases.get(zone, zone)
    offset = _GMT_OFFSET_ZONE.fullmatch(canonical)
    if offset:  # their signs are POSIX's, which counts west of Greenwich
        sign = "-" if offset[1] == "+" else "+"
        return _isolate(f"UTC{sign}{offset[2]}", lang)
    if canonical.startswith("Etc/") or "/" not in canonical:
        return _isolate(canonical.removeprefix("Etc/"), lang)
    names = Locale(lang).time_zones
    # CLDR has some cities under their zone's former name.
    for zone_id in (
        canonical,
        *(alias for alias, target in aliases.items() if target == canonical),
    ):
        if "city" in names.get(zone_id, {}):
            return str(names[zone_id]["city"])
    return str(canonical).rpartition("/")[2].replace("_", " ")


def _find_places(words: list[str]) -> list[GeoMatch]:
    """Look for a city or a country, and then for a city with its country after it."""
    table = cities()
    matches = table.lookup(" ".join(words))
    for cut in range(len(words) - 1, 0, -1):
        if matches:
            break
        countries = {
            match.place.country
            for match in table.lookup(" ".join(words[cut:]))
            if match.place.is_country
        }
        city_matches = table.lookup(" ".join(words[:cut])) if countries else []
        matches = [match for match in city_matches if match.place.country in countries]
    return matches


def _likeliest_zones(matches: list[GeoMatch]) -> list[TimezoneMatch]:
    max_weight = max((match.weight for match in matches), default=0)
    likely = [
        match
        for match in matches
        if match.place.country == LIBYA or match.weight * _MAX_POPULATION_RATIO >= max_weight
    ]
    likely.sort(key=lambda match: (match.place.country != LIBYA, -match.weight))
    results: list[TimezoneMatch] = []
    for match in likely:
        if not any(_clocks_agree(match.place.zone, result.zone) for result in results):
            results.append(TimezoneMatch(match.name, match.place.zone, match.place.country))
    return results[:_MAX_MATCHES]


def _clocks_agree(zone: str, other: str) -> bool:
    """Say whether the clocks of two zones agree, this year and next, on two days of every month."""
    year = datetime.now(UTC).year
    instants = [
        datetime(year + month // 12, month % 12 + 1, day, tzinfo=UTC)
        for month in range(24)
        for day in (1, 15)
    ]
    return zone == other or _utc_offsets(zone, instants) == _utc_offsets(other, instants)


def _utc_offsets(zone: str, instants: Iterable[datetime]) -> list[object]:
    zone_info = ZoneInfo(zone)
    return [instant.astimezone(zone_info).utcoffset() for instant in instants]


def _find_zone_by_id(text: str) -> list[TimezoneMatch]:
    zone = _zones_by_lowercase().get("_".join(text.casefold().split()))
    if zone is None:
        return []
    from babel.core import get_global

    canonical = get_global("zone_aliases").get(zone, zone)
    country = get_global("zone_territories").get(canonical, "")
    return [TimezoneMatch(zone, zone, country if country.isalpha() and country != "ZZ" else "")]


@cache
def _zones_by_lowercase() -> dict[str, str]:
    return {zone.casefold(): zone for zone in known_zones()}


def _isolate(name: str, lang: UiLanguage) -> str:
    return f"\u2066{name}\u2069" if lang == "ar" else name
