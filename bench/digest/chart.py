"""Draw the chart of the most mentioned names and places, and measure it.

    python -m bench.digest.chart FOLDER

Writes one PNG for each language of the interface into FOLDER, with invented counts and long names.
Prints the CPU time of the first picture of a process, the median of the next ones, the largest
file, the peak memory, and the lines of code.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

from bot.digest.views import chart
from bot.i18n.languages import UI_LANGUAGES
from index.entity_counts import EntityCount, EntityCounts
from index.models import DateWindow
from index.text.gazetteer import GazetteerEntry

WEEK = DateWindow(since=date(2026, 1, 29), until=date(2026, 2, 4))
NAMES = (
    (1_204, "سالم الدرويش", "Salem Darwish", "Salem Darouiche"),
    (611, "المجلس البلدي", "The town council", "Le conseil municipal"),
    (
        305,
        "لجنة ترميم منارات نوران ومرسى النور والبلدات المجاورة",
        "Committee for the Restoration of the Lighthouses of Noran and of Marsa Nour",
        "Comité pour la restauration des phares de Noran et de Marsa Nour",
    ),
    (98, "Radio Amal 98", "Radio Amal 98", "Radio Amal 98"),
    (1, "ليلى حمدان", "Layla Hamdan", "Leïla Hamdane"),
)
PLACES = (
    (940, "نوران", "Noran", "Norane"),
    (333, "مرسى النور", "Marsa Nour", "Marsa Nour"),
    (12, "ميناء الرمال", "Port Rimal", "Port Rimal"),
)


def counts() -> EntityCounts:
    """Return invented counts."""
    names, places = (
        tuple(
            EntityCount(
                GazetteerEntry(kind="place", ar=(ar,), en=(en,), fr=(fr,), seen=("a page",)), count
            )
            for count, ar, en, fr in rows
        )
        for rows in (NAMES, PLACES)
    )
    return EntityCounts(2_310, names, places)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    seconds, sizes = [], []
    for lang in [*UI_LANGUAGES.values()] * 5:
        start = time.process_time()
        picture = chart.render_chart(counts(), WEEK, lang)
        seconds.append(time.process_time() - start)
        assert picture is not None
        sizes.append(len(picture))
        (folder / f"{lang}.png").write_bytes(picture)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = len(Path(chart.__file__).read_text("utf-8").splitlines())
    print(f"first picture {seconds[0]:.2f} s, then {median(seconds[1:]) * 1e3:.0f} ms each")
    print(
        f"largest file {max(sizes) / 1e3:.0f} kB, peak memory {peak:.0f} MB, {lines} lines of code"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
