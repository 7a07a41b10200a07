"""Draw the numbers of articles by period as columns, and those of sources as bars below them.

In Arabic the chart is mirrored: time goes from the right to the left, and bars grow to the left.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from babel.dates import format_date

from bot.i18n.formats import LOCALES, number_text, source_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import strip_controls
from bot.i18n.translations import N_, translator
from bot.telegram.message import truncate
from bot.views.drawing import (
    BACKGROUND_COLOUR,
    DPI,
    FIRST_COLOUR,
    FONT,
    MUTED_COLOUR,
    SECOND_COLOUR,
    TEXT_COLOUR,
    WIDTH,
    drop_unsupported_chars,
    temporary_mplconfigdir,
)
from index.research.archive_overview import SourceCount
from index.research.period_counts import PeriodCounts, PeriodUnit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN, _HEADER_HEIGHT, _COLUMNS_HEIGHT, _PANEL_HEADER_HEIGHT, _ROW_HEIGHT = 48, 176, 470, 90, 74
_TICKS_HEIGHT, _NUMBER_HEIGHT = 70, 60
"""Pixels below the columns for their dates, and above them for their numbers."""
_TITLE_SIZE, _SUBTITLE_SIZE, _LABEL_SIZE, _TICK_SIZE = 52, 34, 35, 30
_MAX_LABELLED_COLUMNS = 12
"""With more columns only the tallest one, the first of several, has its number."""
_MAX_TICKS = 6
_MAX_SOURCE_LENGTH, _MAX_TITLE_LENGTH = 24, 32
_FORMATS = {PeriodUnit.WEEK: "d MMM", PeriodUnit.MONTH: "MMM y", PeriodUnit.YEAR: "y"}
UNIT_TITLES = {
    PeriodUnit.WEEK: N_("Articles per week"),
    PeriodUnit.MONTH: N_("Articles per month"),
    PeriodUnit.YEAR: N_("Articles per year"),
}


def render_period_chart(
    title: str, periods: PeriodCounts, lang: UiLanguage, sources: Sequence[SourceCount] = ()
) -> bytes:
    """Return a PNG of the articles of each period and, below them, of each source.

    The first chart of a process takes about a second, in which matplotlib lists the fonts.
    """
    with temporary_mplconfigdir():
        from matplotlib.figure import Figure
    mirrored = lang == "ar"
    sources_height = _PANEL_HEADER_HEIGHT + len(sources) * _ROW_HEIGHT if sources else 0
    height = _HEADER_HEIGHT + _COLUMNS_HEIGHT + sources_height + _MARGIN
    figure = Figure((WIDTH / DPI, height / DPI), dpi=DPI, facecolor=BACKGROUND_COLOUR)

    def write(text: str, top: float, size: float, colour: str, weight: str = "normal") -> None:
        figure.text(
            1 - _MARGIN / WIDTH if mirrored else _MARGIN / WIDTH,
            1 - top / height,
            drop_unsupported_chars(strip_controls(text)),
            ha="right" if mirrored else "left",
            va="center_baseline",
            size=size,
            color=colour,
            family=FONT,
            weight=weight,
            parse_math=False,
        )

    def add_axes(top: float, panel_height: float, left: float, right: float) -> Axes:
        if mirrored:
            left, right = right, left
        axes = figure.add_axes(
            (
                left / WIDTH,
                1 - (top + panel_height) / height,
                1 - (left + right) / WIDTH,
                panel_height / height,
            ),
            frame_on=False,
        )
        if mirrored:
            axes.invert_xaxis()
        return axes

    _ = translator(lang).gettext
    write(truncate(title, _MAX_TITLE_LENGTH), 66, _TITLE_SIZE, TEXT_COLOUR, "bold")
    write(_(UNIT_TITLES[periods.unit]), 126, _SUBTITLE_SIZE, FIRST_COLOUR)
    columns_height = _COLUMNS_HEIGHT - _TICKS_HEIGHT - _NUMBER_HEIGHT
    _draw_columns(
        add_axes(_HEADER_HEIGHT + _NUMBER_HEIGHT, columns_height, _MARGIN, _MARGIN), periods, lang
    )
    if sources:
        top = _HEADER_HEIGHT + _COLUMNS_HEIGHT
        write(_("Sources"), top + 40, _SUBTITLE_SIZE, SECOND_COLOUR, "bold")
        panel_top = top + _PANEL_HEADER_HEIGHT
        axes = add_axes(panel_top, len(sources) * _ROW_HEIGHT, 440, 150)
        _draw_sources(axes, sources, lang)
    file = BytesIO()
    figure.savefig(file, format="png", pil_kwargs={"optimize": True})
    return file.getvalue()


def _draw_columns(axes: Axes, periods: PeriodCounts, lang: UiLanguage) -> None:
    """Draw one column for each period, with its number and every few dates."""
    counts = [count.article_count for count in periods.counts]
    bars = axes.bar(range(len(counts)), counts, 0.72, color=FIRST_COLOUR)
    last = len(counts) - 1
    limits = (-0.6, max(last, 2) + 0.6)
    axes.set_xlim(limits[::-1] if lang == "ar" else limits)
    axes.set_ylim(0, max(counts))
    axes.yaxis.set_visible(False)
    axes.xaxis.set_tick_params(length=0, pad=14)
    axes.axhline(0, color=MUTED_COLOUR, linewidth=2)
    is_crowded = len(counts) > _MAX_LABELLED_COLUMNS
    numbered = [counts.index(max(counts))] if is_crowded else range(len(counts))
    labels = [
        number_text(count, lang) if count and index in numbered else ""
        for index, count in enumerate(counts)
    ]
    axes.bar_label(bars, labels, padding=8, color=TEXT_COLOUR, weight="bold", **_text(_LABEL_SIZE))
    step = -(-len(counts) // _MAX_TICKS)
    ticks = range(0, len(counts), step)
    dates = [
        format_date(periods.counts[tick].start, _FORMATS[periods.unit], locale=LOCALES[lang])
        for tick in ticks
    ]
    if periods.unit is PeriodUnit.MONTH:
        dates = [date.replace(" ", "\n", 1) for date in dates]
    axes.set_xticks(ticks, dates, color=MUTED_COLOUR, parse_math=False, **_text(_TICK_SIZE))


def _draw_sources(axes: Axes, sources: Sequence[SourceCount], lang: UiLanguage) -> None:
    """Draw one bar for each source, the largest at the top, with its name before it."""
    counts = [source.article_count for source in sources]
    bars = axes.barh(range(len(counts)), counts, 0.57, color=SECOND_COLOUR)
    axes.set_ylim(len(counts) - 0.5, -0.5)
    limits = (0, max(counts))
    axes.set_xlim(limits[::-1] if lang == "ar" else limits)
    axes.xaxis.set_visible(False)
    mirrored = lang == "ar"
    axes.yaxis.set_tick_params(
        length=0, pad=20, labelright=mirrored, labelleft=not mirrored, right=False, left=False
    )
    axes.bar_label(
        bars,
        [number_text(count, lang) for count in counts],
        padding=12,
        color=TEXT_COLOUR,
        weight="bold",
        **_text(_LABEL_SIZE),
    )
    names = [_source_label(source.source, lang) for source in sources]
    axes.set_yticks(
        range(len(names)), names, color=TEXT_COLOUR, parse_math=False, **_text(_TICK_SIZE)
    )


def _source_label(source: str | None, lang: UiLanguage) -> str:
    name = " ".join(strip_controls(source_text(source, lang)).split())
    return truncate(drop_unsupported_chars(name), _MAX_SOURCE_LENGTH)


def _text(size: float) -> dict[str, Any]:
    return {"family": FONT, "size": size}
