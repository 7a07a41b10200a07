"""Measure the table of cities: loading time, peak memory, and the names that it finds.

    python -m bench.digest.cities

Each figure comes from a process of its own. `NAMES` are cities where many Libyans live or travel,
in Arabic, with the zone that must come first.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

NAMES = {
    "واشنطن": "America/New_York",
    "نيويورك": "America/New_York",
    "لوس أنجلوس": "America/Los_Angeles",
    "هيوستن": "America/Chicago",
    "شيكاغو": "America/Chicago",
    "تورونتو": "America/Toronto",
    "مونتريال": "America/Toronto",
    "أوتاوا": "America/Toronto",
    "فانكوفر": "America/Vancouver",
    "لندن": "Europe/London",
    "مانشستر": "Europe/London",
    "برمنغهام": "Europe/London",
    "دبلن": "Europe/Dublin",
    "باريس": "Europe/Paris",
    "مرسيليا": "Europe/Paris",
    "بروكسل": "Europe/Brussels",
    "لاهاي": "Europe/Amsterdam",
    "أمستردام": "Europe/Amsterdam",
    "برلين": "Europe/Berlin",
    "جنيف": "Europe/Zurich",
    "فيينا": "Europe/Vienna",
    "روما": "Europe/Rome",
    "فاليتا": "Europe/Malta",
    "أثينا": "Europe/Athens",
    "موسكو": "Europe/Moscow",
    "إسطنبول": "Europe/Istanbul",
    "أنقرة": "Europe/Istanbul",
    "القاهرة": "Africa/Cairo",
    "الإسكندرية": "Africa/Cairo",
    "تونس": "Africa/Tunis",
    "صفاقس": "Africa/Tunis",
    "الجزائر": "Africa/Algiers",
    "الرباط": "Africa/Casablanca",
    "الخرطوم": "Africa/Khartoum",
    "نجامينا": "Africa/Ndjamena",
    "نيامي": "Africa/Niamey",
    "دبي": "Asia/Dubai",
    "أبوظبي": "Asia/Dubai",
    "الدوحة": "Asia/Qatar",
    "الرياض": "Asia/Riyadh",
    "بيروت": "Asia/Beirut",
    "شنغهاي": "Asia/Shanghai",
    "جاكرتا": "Asia/Jakarta",
    "كوالالمبور": "Asia/Kuala_Lumpur",
    "ميلبورن": "Australia/Melbourne",
    "سيدني": "Australia/Sydney",
    "مكسيكو سيتي": "America/Mexico_City",
}
_SCRIPT = """
import resource, time
start = time.perf_counter()
from bot.digest.timezones.lookup import find_zones
from bot.digest.timezones.cities import cities
imported = time.perf_counter()
table = cities()
loaded = time.perf_counter()
find_zones("طرابلس")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(loaded - imported, peak, len(table._rows), len(table._hashes))
"""


def main() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(5)
    ]
    print(f"loading {median(float(run[0]) for run in runs):.2f} s, median of {len(runs)}")
    print(f"peak memory {median(float(run[1]) for run in runs):.0f} MB")
    print(f"{runs[0][2]} places, {runs[0][3]} names")
    from bot.digest.timezones.lookup import find_zones

    found = {name: [match.zone for match in find_zones(name)] for name in NAMES}
    wrong = {name: zones for name, zones in found.items() if zones[:1] != [NAMES[name]]}
    print(f"{len(NAMES) - len(wrong)} of {len(NAMES)} names give their zone first; not: {wrong}")
    print(f"CLDR's Arabic names of zones' cities: {_count_cldr_names()}")


def _count_cldr_names() -> str:
    """Count the Arabic names in CLDR of zones' cities that are found with that zone."""
    from babel.core import Locale, get_global

    from bot.digest.timezones.cities import known_zones
    from bot.digest.timezones.lookup import find_zones

    aliases = get_global("zone_aliases")
    names = [
        (entry["city"], aliases.get(zone, zone))
        for zone, entry in Locale("ar").time_zones.items()
        if "city" in entry and zone in known_zones()
    ]
    found = sum(
        zone in {aliases.get(match.zone, match.zone) for match in find_zones(name)}
        for name, zone in names
    )
    return f"{found} of {len(names)} found with their zone"


if __name__ == "__main__":
    main()
