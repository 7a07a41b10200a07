"""The chart of the most-mentioned names and places. The names here are invented."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.digest.views import chart
from bot.digest.views.chart import render_chart, render_chart_caption
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.views.drawing import WIDTH
from index.entity_counts import EntityCount, EntityCounts
from index.models import DateWindow
from index.text.gazetteer import GazetteerEntry
from tests.fixtures.sample_articles import PROJECT

WEEK = DateWindow(since=date(2026, 1, 29), until=date(2026, 2, 4))
BLUE, BROWN = (0x1B, 0x6F, 0x8A), (0xB5, 0x60, 0x2A)


def mentioned(articles: int, ar: str, en: str = "Noran", fr: str = "Norane") -> EntityCount:
    return EntityCount(
        GazetteerEntry(kind="place", ar=(ar,), en=(en,), fr=(fr,), seen=("a page",)), articles
    )


PLACES = (mentioned(12, "نوران"), mentioned(3, "مرسى النور", "Marsa Nour", "Marsa Nour"))
PEOPLE = (mentioned(6, "سالم الدرويش", "Salem Darwish", "Salem Darouiche"),)
COUNTS = EntityCounts(40, PEOPLE, PLACES)


def pixels(counts: EntityCounts, lang: UiLanguage) -> NDArray[np.uint8]:
    drawn = render_chart(counts, WEEK, lang)
    assert drawn is not None
    return np.asarray(Image.open(BytesIO(drawn)).convert("RGB"))


def edges(drawn: NDArray[np.uint8], colour: tuple[int, int, int]) -> list[tuple[int, int]]:
    """Return the left and right edge of index bar of a colour, from the top."""
    rows = (drawn == colour).all(axis=2)
    spans = []
    for line in rows[rows.sum(axis=1) > 25]:
        columns = np.flatnonzero(line)
        if len(columns) == columns[-1] - columns[0] + 1:  # an unbroken line, so no letters
            spans.append((int(columns[0]), int(columns[-1]) + 1))
    return list(dict.fromkeys(spans))


def row_pixels(drawn: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
    """Return the pixels of a row of the first panel."""
    top = round((chart._HEADER_ROWS + chart._PANEL_HEADER_ROWS + index) * chart._ROW_HEIGHT)
    return drawn[top : top + chart._ROW_HEIGHT]


def name_drawn(ar: str) -> NDArray[np.uint8]:
    """Return the end of the first row where the Arabic name is."""
    drawn = pixels(EntityCounts(1, (mentioned(1, ar),)), "ar")
    return row_pixels(drawn, 0)[:, WIDTH - chart._MARGIN - 90 :]


@pytest.mark.parametrize("lang", UI_LANGUAGES.values())
def test_a_chart_is_a_small_png_as_wide_as_a_phone(lang: UiLanguage) -> None:
    rows = tuple(mentioned(40 - index, "المجلس البلدي", "The town council") for index in range(10))
    drawn = render_chart(EntityCounts(400, rows, rows), WEEK, lang)
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(drawn) < 300_000
    assert Image.open(BytesIO(drawn)).size[0] == WIDTH


def test_nothing_mentioned_makes_no_picture_and_the_caption_says_so() -> None:
    assert render_chart(EntityCounts(7), WEEK, "en") is None
    assert (
        "from 29 January 2026 to 4 February 2026 mentions none"
        in render_chart_caption(EntityCounts(7), WEEK, "en").html
    )


def test_bars_of_both_panels_are_as_long_as_their_counts_on_one_scale() -> None:
    drawn = pixels(COUNTS, "en")
    (person,) = edges(drawn, BLUE)
    first, second = edges(drawn, BROWN)
    assert person[0] == first[0] == second[0]
    longest = first[1] - first[0]
    assert person[1] - person[0] == pytest.approx(longest / 2, abs=2)
    assert second[1] - second[0] == pytest.approx(longest / 4, abs=2)


def test_the_smallest_count_still_has_a_bar() -> None:
    rows = (mentioned(100_000, "نوران"), mentioned(1, "نوران"))
    drawn = pixels(EntityCounts(100_000, rows), "en")
    blue = (row_pixels(drawn, 1) == BLUE).all(axis=2)
    assert blue[chart._ROW_HEIGHT // 2].any()


def test_for_arabic_bars_grow_from_the_names_at_the_right() -> None:
    drawn = pixels(COUNTS, "ar")
    first, second = edges(drawn, BROWN)
    assert first[1] == second[1]
    assert first[0] < second[0]
    ink = (drawn != 255).any(axis=2)
    assert ink[:, first[1] + 10 : WIDTH - chart._MARGIN].any()


def test_arabic_letters_are_joined() -> None:
    joined = name_drawn("سبها")
    assert np.array_equal(joined, name_drawn("\ufeb3\ufe92\ufeec\ufe8e"))  # the forms as joined
    assert not np.array_equal(joined, name_drawn("\ufeb1\ufe8f\ufee9\ufe8d"))  # index by itself


def test_arabic_is_read_from_the_right() -> None:
    alone = name_drawn("سبها")
    assert (alone != 255).any()
    assert np.array_equal(name_drawn("سبها نوران")[:, 20:], alone[:, 20:])
    assert not np.array_equal(name_drawn("نوران سبها")[:, 20:], alone[:, 20:])


def test_a_long_name_stands_on_two_lines_and_leaves_most_of_the_width_to_the_bars() -> None:
    long = "Committee for the Restoration of the Lighthouses of Noran and of Marsa Nour"
    drawn = pixels(EntityCounts(5, (mentioned(5, "لجنة", long),)), "en")
    (bar,) = edges(drawn, BLUE)
    assert bar[0] < WIDTH / 2
    ink = (row_pixels(drawn, 0)[:, : bar[0]] != 255).any(axis=(1, 2))
    lines = np.count_nonzero(np.diff(ink.astype(int)) == 1)
    assert lines == 2


@pytest.mark.parametrize("name", ["Noran 诺兰", "$\\frac{Noran$", "A\u202eB\u2066C", "W" * 300])
def test_a_name_of_any_signs_is_drawn_without_a_warning(name: str) -> None:
    assert render_chart(EntityCounts(1, (mentioned(1, "نوران", name),)), WEEK, "en")


def test_threads_may_draw_at_once() -> None:
    alone = {lang: render_chart(COUNTS, WEEK, lang) for lang in UI_LANGUAGES.values()}
    with ThreadPoolExecutor(3) as threads:
        drawn = threads.map(lambda lang: render_chart(COUNTS, WEEK, lang), [*alone] * 2)
        assert list(drawn) == [*alone.values()] * 2


def test_a_warm_up_draws_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes | None] = []
    monkeypatch.setattr(chart, "render_chart", lambda *of: drawn.append(render_chart(*of)))
    chart.warm_up()
    (png,) = drawn
    assert png


def test_drawing_leaves_no_file_behind_and_no_word_on_the_screen(tmp_path: Path) -> None:
    home, passing = tmp_path / "home", tmp_path / "passing"
    home.mkdir()
    passing.mkdir()
    script = (
        "import os, sys\n"
        "from tests.integration.bot.digest.views.test_chart import COUNTS, WEEK, render_chart\n"
        "assert 'matplotlib' not in sys.modules\n"
        "assert render_chart(COUNTS, WEEK, 'ar')\n"
        "assert 'MPLCONFIGDIR' not in os.environ\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    inherited = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(passing)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=PROJECT,
        env=inherited,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert done.stdout + done.stderr == ""
    assert [path for path in tmp_path.rglob("*") if path not in (home, passing)] == []


def test_the_caption_names_the_chart_and_its_days_in_the_readers_language() -> None:
    assert render_chart_caption(COUNTS, WEEK, "fr").html == (
        "Les plus cités dans l'actualité · du 29 janvier 2026 au 4 février 2026"
    )


def test_a_kind_that_is_not_mentioned_has_no_heading() -> None:
    assert edges(pixels(EntityCounts(40, (), PLACES), "en"), BLUE) == []
