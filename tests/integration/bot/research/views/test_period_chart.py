"""The picture of the number of articles over time."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.research.views.period_chart import render_period_chart
from bot.views.drawing import FIRST_COLOUR, WIDTH
from index.research.archive_overview import SourceCount
from index.research.period_counts import count_by_period

PERIODS = count_by_period({date(2024, 3, 1): 1, date(2026, 3, 1): 9})
SOURCES = [SourceCount("صحيفة نوران \u202e", 9), SourceCount(None, 1)]


@pytest.mark.parametrize("lang", UI_LANGUAGES.values())
def test_time_goes_in_the_direction_of_the_language_and_columns_are_as_tall_as_their_numbers(
    lang: UiLanguage,
) -> None:
    png = render_period_chart("نوران $x$", PERIODS, lang, SOURCES)
    pixels = np.asarray(Image.open(BytesIO(png)).convert("RGB"), np.int16)
    assert pixels.shape[1] == WIDTH
    colour = np.array([int(FIRST_COLOUR[index : index + 2], 16) for index in (1, 3, 5)])
    is_column = (np.abs(pixels - colour).max(axis=2) < 8)[176:]
    halves = [is_column[:, : WIDTH // 2].sum(), is_column[:, WIDTH // 2 :].sum()]
    older, newer = reversed(halves) if lang == "ar" else halves
    assert newer == pytest.approx(9 * older, rel=0.1)
