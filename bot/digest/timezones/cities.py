"""Index cities and countries by their names in Arabic, English and French.

The sources are GeoNames' cities of at least 15,000 people, Libyan towns, and CLDR's names of
countries and of time zones' cities. The index is built at the first lookup, in about a second
(`python -m bench.digest.cities` measures it), and takes 5 MB.
"""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from index.text.normalise import fold

LIBYA = "LY"
_GEONAMES = Path(__file__).parent / "geonames" / "cities.tsv.xz"
"""The table that `tools/build_cities.py` writes; its docstring describes the columns."""
_UI_LANGUAGES = ("ar", "en", "fr")
_LIBYAN_TOWNS = (
    *("ترهونة", "الكفرة", "Kufra", "Koufra", "تاجوراء", "Tajoura", "شحات", "قصر بن غشير"),
    *("غدامس", "Ghadames", "Ghadamès", "غات", "Ghat", "تاورغاء", "Tawergha", "الأصابعة"),
    *("ككلة", "Kikla", "جادو", "Jadu", "زلطن", "Zaltan", "الرجبان", "Rujban", "كاباو", "Kabaw"),
    *("جالو", "Jalu", "أوجلة", "Awjila", "هون", "ودان", "Waddan", "سوكنة", "Sokna", "القطرون"),
    *("تراغن", "Traghan", "تازربو", "Tazirbu", "توكرة", "Tocra", "البردية", "Bardia", "سوسة"),
    *("رأس لانوف", "Ras Lanuf", "السدرة", "Sidra", "الجغبوب", "Jaghbub", "العزيزية"),
)
"""Libyan towns that are smaller than the cities of the table, or have no Arabic name in it."""
_TOWN_POPULATION = 10_000
"""A placeholder for an unknown population: less than that of any city in the table."""
_COMMON_COUNTRY_NAMES = {
    **dict.fromkeys(("US", "USA", "America", "Amérique", "أمريكا", "أميركا"), "US"),
    **dict.fromkeys(("UK", "Britain", "Great Britain", "England"), "GB"),
    **dict.fromkeys(("Grande-Bretagne", "Angleterre", "بريطانيا", "إنجلترا", "إنكلترا"), "GB"),
    **dict.fromkeys(("UAE", "Emirates", "Émirats", "الإمارات"), "AE"),
    **dict.fromkeys(("Palestine", "فلسطين"), "PS"),
    **dict.fromkeys(("Holland", "Hollande"), "NL"),
    "السعودية": "SA",
    "سورية": "SY",
    "Turkey": "TR",
}
"""Common names of countries that neither CLDR nor GeoNames has."""
_COMMON_CITY_NAMES = {
    ("Washington", "US"): ("واشنطن", "واشنطن العاصمة"),
    ("Birmingham", "GB"): ("برمنغهام",),
}
"""Arabic names that GeoNames lacks for a large city and has for smaller cities of the same name,
by GeoNames' name and the country; they go to the largest such city."""

_ARABIC = re.compile("[\u0600-\u06ff]")
_WORD = re.compile(r"[^\W_ʻ-ʿ]+")
"""Letters and digits, without the apostrophes ʻ-ʿ, which Unicode classes as letters."""
_ARTICLES = re.compile("al|el|a[drstnz]|ash|l[ae]|les|the")
_ALTERNATE_NAME_PENALTY = 20
"""Under an alternate name, a city's weight is its population divided by this.

Otherwise «Berlin» would also mean a large city that was once called so. Arabic names are exempt:
GeoNames does not mark which of them is a city's usual one.
"""

_ROW_LENGTH = 5
"""The columns of `CityIndex._rows`: index of the first name, population, zone, country (indexes
into the lists of zones and countries), and `is_country`."""


class GeoPlace(NamedTuple):
    """A city or a country."""

    name: str
    zone: str
    """IANA name of its time zone."""
    country: str
    """ISO 3166-1 alpha-2."""
    population: int
    is_country: bool = False


class GeoMatch(NamedTuple):
    """A place that a name may mean."""

    name: str
    """The spelling under which it was found."""
    place: GeoPlace
    weight: int
    """Its population, divided by `_ALTERNATE_NAME_PENALTY` where this name is an alternate one."""


def split_name(name: str) -> list[str]:
    """Return the folded words of a name, without punctuation."""
    return _WORD.findall(fold(name))


class CityIndex:
    """Finds places by name, in a hash index of flat arrays.

    The names are one UTF-8 string with an array of offsets; a lookup is a binary search among the
    CRC-32 values of the normalised names.
    """

    def __init__(self, named_places: Iterable[tuple[str, GeoPlace]]) -> None:
        """Index pairs of name and place; a place's names follow each other, its own name first."""
        import numpy as np

        hashes, place_indexes, ends = array("I"), array("I"), array("I", [0])
        name_bytes = bytearray()
        rows = array("Q")
        zones: dict[str, int] = {}
        countries: dict[str, int] = {}
        previous: GeoPlace | None = None
        for name, place in named_places:
            if place is not previous:
                previous = place
                zone = zones.setdefault(place.zone, len(zones))
                country = countries.setdefault(place.country, len(countries))
                rows.extend((len(place_indexes), place.population, zone, country, place.is_country))
            name_bytes += name.encode()
            hashes.append(_name_hash(_bare_name(split_name(name))))
            place_indexes.append(len(rows) // _ROW_LENGTH - 1)
            ends.append(len(name_bytes))
        # Allocate the final arrays after the source data is freed: allocated earlier, they would
        # keep the allocator from returning that memory to the system.
        self._zones, self._countries = " ".join(zones), " ".join(countries)
        self._name_bytes = bytes(name_bytes)
        self._rows = np.array(rows, dtype=np.uint32).reshape(-1, _ROW_LENGTH)
        self._ends = np.array(ends, dtype=np.uint32)
        self._place_indexes = np.array(place_indexes, dtype=np.uint32)
        unordered = np.array(hashes, dtype=np.uint32)
        self._order = np.argsort(unordered).astype(np.uint32)
        self._hashes = unordered[self._order]

    def lookup(self, name: str) -> list[GeoMatch]:
        """Return the places of that name, each once, in no particular order.

        A match has the spelling of `name` where the place has it. Articles and spaces between words
        are ignored; but where some places match with exactly these words, the others are dropped,
        except those in Libya.
        """
        query_words = split_name(name)
        bare_name, full_name = _bare_name(query_words), "".join(query_words)
        lowercase_name = name.casefold()
        matches: dict[int, GeoMatch] = {}
        exact_places: set[int] = set()
        for name_index in self._name_indexes(bare_name):
            spelling, place_index = self._name_at(name_index), int(self._place_indexes[name_index])
            spelling_words = split_name(spelling)
            if _bare_name(spelling_words) != bare_name:
                continue
            full_spelling = "".join(spelling_words)
            if full_spelling == full_name:
                exact_places.add(place_index)
            if place_index not in matches or spelling.casefold() == lowercase_name:
                place = self._place_at(place_index)
                is_own_name = (
                    place.is_country
                    or _ARABIC.search(spelling)
                    or full_spelling == "".join(split_name(place.name))
                )
                weight = place.population // (1 if is_own_name else _ALTERNATE_NAME_PENALTY)
                known_weight = matches[place_index].weight if place_index in matches else 0
                matches[place_index] = GeoMatch(spelling, place, max(weight, known_weight))
        return [
            match
            for place_index, match in matches.items()
            if place_index in exact_places or not exact_places or match.place.country == LIBYA
        ]

    def _name_indexes(self, bare_name: str) -> list[int]:
        """Return the indexes, ascending, of the names with the hash of `bare_name`."""
        name_hash = _name_hash(bare_name)
        first = self._hashes.searchsorted(name_hash, "left")
        last = self._hashes.searchsorted(name_hash, "right")
        return sorted(self._order[first:last].tolist()) if bare_name else []

    def _name_at(self, name_index: int) -> str:
        return self._name_bytes[self._ends[name_index] : self._ends[name_index + 1]].decode()

    def _place_at(self, place_index: int) -> GeoPlace:
        name, population, zone, country, is_country = self._rows[place_index].tolist()
        return GeoPlace(
            name=self._name_at(name),
            zone=self._zones.split()[zone],
            country=self._countries.split()[country],
            population=population,
            is_country=bool(is_country),
        )


@cache
def cities() -> CityIndex:
    """Return the index of all cities and countries."""
    index = CityIndex(_iter_names())
    gc.collect()
    return index


class _Row(NamedTuple):
    """A line of the table; `zone` is empty for a country."""

    zone: str
    country: str
    population: int
    name: str
    alternate_names: list[str]


def _iter_names() -> Iterator[tuple[str, GeoPlace]]:
    """Yield every name of every place; of equal weights, earlier places are offered first."""
    countries: dict[str, _Row] = {}
    largest_by_country: dict[str, _Row] = {}
    largest_by_zone: dict[str, _Row] = {}
    common_names = dict(_COMMON_CITY_NAMES)
    for row in _read_table():
        if row.zone:
            largest_by_country.setdefault(row.country, row)
            largest_by_zone.setdefault(row.zone, row)
            place = GeoPlace(row.name, row.zone, row.country, row.population)
            names = (row.name, *row.alternate_names)
            for name in names + common_names.pop((row.name, row.country), ()):
                yield name, place
        else:
            countries[row.country] = row
    yield from _iter_country_names(countries, largest_by_country)
    yield from _iter_town_names()
    yield from _iter_zone_names(largest_by_zone)


def _read_table() -> Iterator[_Row]:
    """Yield the rows of the table whose zone is known here, cities by descending population."""
    import lzma

    zones = known_zones()
    with lzma.open(_GEONAMES, "rt", encoding="utf-8") as lines:
        for line in lines:
            zone, country, population, name, *alternate_names = line.rstrip("\n").split("\t")
            if not zone or zone in zones:
                yield _Row(zone, country, int(population), name, alternate_names)


@cache
def known_zones() -> frozenset[str]:
    """Return the IANA names of the time zones that this machine has rules for."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"Factory", "localtime"})


def _iter_country_names(
    countries: Mapping[str, _Row], largest_cities: Mapping[str, _Row]
) -> Iterator[tuple[str, GeoPlace]]:
    """Yield the names of each country, with its only zone or else that of its largest city."""
    from babel.core import Locale, get_global

    territories = [Locale(lang).territories for lang in _UI_LANGUAGES]
    for code, zones in get_global("territory_zones").items():
        largest_city = largest_cities.get(code)
        zone = zones[0] if len(zones) == 1 or largest_city is None else largest_city.zone
        spellings = [names[code] for names in territories if code in names]
        spellings += [
            word for word, named_code in _COMMON_COUNTRY_NAMES.items() if named_code == code
        ]
        spellings += [countries[code].name] if code in countries else []
        population = countries[code].population if code in countries else 0
        if zone in known_zones() and code.isalpha() and code != "ZZ":
            place = GeoPlace(spellings[0], zone, code, population, is_country=True)
            yield from ((spelling, place) for spelling in dict.fromkeys(spellings))


def _iter_town_names() -> Iterator[tuple[str, GeoPlace]]:
    for name in _LIBYAN_TOWNS:
        yield name, GeoPlace(name, "Africa/Tripoli", LIBYA, _TOWN_POPULATION)


def _iter_zone_names(largest_cities: Mapping[str, _Row]) -> Iterator[tuple[str, GeoPlace]]:
    """Yield CLDR's names of each zone's city, with the population of the zone's largest city.

    GeoNames lacks many of these in Arabic («شنغهاي», «جاكرتا»).
    """
    from babel.core import Locale, get_global

    zone_names = [Locale(lang).time_zones for lang in _UI_LANGUAGES]
    territories = get_global("zone_territories")
    aliases = get_global("zone_aliases")
    for zone in sorted(known_zones().intersection(*zone_names[:1])):
        names = [entry[zone]["city"] for entry in zone_names if "city" in entry.get(zone, {})]
        canonical = aliases.get(zone, zone)
        country = territories.get(canonical, "")
        if names and country.isalpha() and country != "ZZ":
            city = largest_cities.get(canonical)
            population = city.population if city else _TOWN_POPULATION
            place = GeoPlace(names[0], canonical, country, population)
            yield from ((name, place) for name in dict.fromkeys(names))


def _bare_name(words: Sequence[str]) -> str:
    """Return the words joined into one, without articles."""
    significant = words[1:] if len(words) > 1 and _ARTICLES.fullmatch(words[0]) else words
    return "".join(
        word[2:] if word.startswith("ال") and len(word) > 4 else word for word in significant
    )


def _name_hash(bare_name: str) -> int:
    return crc32(bare_name.encode())
