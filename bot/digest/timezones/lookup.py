"""Find the time zone that a user means by the name of a place, or that a location lies in."""

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
"""Characters; the names of all cities are shorter."""
_MAX_MATCHES = 4
_MAX_POPULATION_RATIO = 10
"""Places outside Libya with less than a tenth of the largest match's weight are not offered."""
_SEPARATORS = re.compile(r"[\s,،]+")
_GMT_OFFSET_ZONE = re.compile(r"Etc/GMT([+-])0*([1-9]\d?)")


class TimezoneMatch(NamedTuple):
    """A place that a name may mean, with its time zone."""

    name: str
    """For display, in the script of the query."""
    zone: str
    """IANA name, as `ZoneInfo` takes it."""
    country: str
    """ISO 3166-1 alpha-2; empty for a zone that belongs to no country."""


def find_zones(text: str) -> list[TimezoneMatch]:
    """Return the places that a name may mean, the likeliest first; an empty list if there is none.

    `text` is the name of a city or a country in Arabic, English or French, a city followed by its
    country, or an IANA zone («Europe/Berlin»). Places in Libya come first, then the most populous.
    Of places whose clocks agree this year and next, only the likeliest is returned; at most four
    places in all.
    """
    if len(text) > _MAX_NAME_LENGTH:
        return []
    if "/" in text:
        return _find_zone_by_id(text)
    parts = [part for part in _SEPARATORS.split(text) if part]
    return _likeliest_zones(_find_places(parts)) or _find_zone_by_id(text)


def zone_at(latitude: float, longitude: float) -> str | None:
    """Return the zone of a location in degrees; at sea it is Etc/GMT±n.

    Return None for coordinates that are out of range or not finite, and for a zone that this
    machine has no rules for.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    from tzfpy import get_tz

    zone = get_tz(longitude, latitude)
    return zone if zone in known_zones() else None


def warm_up() -> None:
    """Load the table of cities and the borders of zones, which takes seconds once."""
    cities()
    zone_at(0, 0)


def zone_label(zone: str, lang: UiLanguage) -> str:
    """Return the name of a zone's city, or the UTC offset of a zone without one («UTC+2»)."""
    from babel.core import Locale, get_global

    aliases = get_global("zone_aliases")
    canonical = aliases.get(zone, zone)
    offset = _GMT_OFFSET_ZONE.fullmatch(canonical)
    if offset:  # Etc/GMT zones have POSIX signs: positive is west of Greenwich
        sign = "-" if offset[1] == "+" else "+"
        return _isolate(f"UTC{sign}{offset[2]}", lang)
    if canonical.startswith("Etc/") or "/" not in canonical:
        return _isolate(canonical.removeprefix("Etc/"), lang)
    names = Locale(lang).time_zones
    # CLDR lists some cities under a former name of their zone.
    for zone_id in (
        canonical,
        *(alias for alias, target in aliases.items() if target == canonical),
    ):
        if "city" in names.get(zone_id, {}):
            return str(names[zone_id]["city"])
    return str(canonical).rpartition("/")[2].replace("_", " ")


def _find_places(words: list[str]) -> list[GeoMatch]:
    """Look up the words as a city or a country, then as a city followed by its country."""
    index = cities()
    matches = index.lookup(" ".join(words))
    for cut in range(len(words) - 1, 0, -1):
        if matches:
            break
        countries = {
            match.place.country
            for match in index.lookup(" ".join(words[cut:]))
            if match.place.is_country
        }
        city_matches = index.lookup(" ".join(words[:cut])) if countries else []
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
    """Return whether two zones have equal UTC offsets, this year and next, twice a month."""
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
