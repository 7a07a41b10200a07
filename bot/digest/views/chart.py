"""Draw a chart of the names and places that articles mention most, and write it as a short text.

Two groups of bars stand one below the other on one scale. In Arabic the chart is mirrored: names
stand at the right, and bars grow to the left.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from textwrap import wrap
from typing import Literal

from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import strip_controls, window_text
from bot.i18n.translations import N_, translator
from bot.telegram.message import (
    HtmlText,
    trusted_text,
)
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
from index.entity_counts import EntityCount, EntityCounts
from index.models import DateWindow
from index.text.gazetteer import GazetteerEntry

_MARGIN, _ROW_HEIGHT = 48, 74
_HEADER_ROWS, _PANEL_HEADER_ROWS, _FOOTER_ROWS = 2.1, 1.35, 1.2
_BAR_THICKNESS, _MIN_BAR_LENGTH = 0.57, 0.006
"""As shares of a row's height and of the longest bar."""
_TITLE_SIZE, _DAYS_SIZE, _PANEL_SIZE, _ROW_SIZE, _NOTE_SIZE = 52, 34, 38, 35, 27
_MAX_LABEL_LENGTH = 20
"""Characters; a longer name is set on two lines of up to 30, in smaller type."""
_WRAPPED_LABEL_LENGTH, _WRAPPED_LABEL_SIZE = 30, 27
_COLOURS = {"names": FIRST_COLOUR, "places": SECOND_COLOUR}
_PANEL_TITLES = {"names": N_("People and organisations"), "places": N_("Places")}


def render_chart(counts: EntityCounts, window: DateWindow, lang: UiLanguage) -> bytes | None:
    """Return a PNG of what was mentioned most in `window`, or None if nothing was.

    The first chart of a process takes about a second, in which matplotlib lists the fonts.
    """
    panels = _panels(counts)
    if not panels:
        return None
    with temporary_mplconfigdir():
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
        from matplotlib.transforms import blended_transform_factory
    mirrored = lang == "ar"
    entities = [entity for _panel, panel_entities in panels for entity in panel_entities]
    max_count = max(entity.article_count for entity in entities)
    row_count = _HEADER_ROWS + len(panels) * _PANEL_HEADER_ROWS + len(entities) + _FOOTER_ROWS
    figure = Figure(
        (WIDTH / DPI, row_count * _ROW_HEIGHT / DPI),
        dpi=DPI,
        facecolor=BACKGROUND_COLOUR,
        layout=ConstrainedLayoutEngine(w_pad=_MARGIN / DPI, h_pad=0),
    )
    axes = figure.add_subplot(xlim=(0, max_count), ylim=(row_count, 0), frame_on=False)
    axes.xaxis.set_visible(False)
    axes.yaxis.set_tick_params(length=0, pad=24, labelright=mirrored, labelleft=not mirrored)
    if mirrored:
        axes.invert_xaxis()

    def write(text: str, row: float, size: float, colour: str, weight: str = "normal") -> None:
        axes.text(
            1 - _MARGIN / WIDTH if mirrored else _MARGIN / WIDTH,
            row,
            drop_unsupported_chars(text),
            transform=blended_transform_factory(figure.transFigure, axes.transData),
            in_layout=False,
            ha="right" if mirrored else "left",
            va="center_baseline",
            size=size,
            color=colour,
            family=FONT,
            weight=weight,
            parse_math=False,
        )

    _ = translator(lang).gettext
    write(_("Most mentioned in the news"), 0.9, _TITLE_SIZE, TEXT_COLOUR, "bold")
    write(window_text(window, lang), 1.7, _DAYS_SIZE, MUTED_COLOUR)
    row = _HEADER_ROWS
    rows: list[float] = []
    for panel, panel_entities in panels:
        write(_(_PANEL_TITLES[panel]), row + 0.85, _PANEL_SIZE, _COLOURS[panel], "bold")
        row += _PANEL_HEADER_ROWS
        panel_rows = [row + index + 0.5 for index in range(len(panel_entities))]
        bars = axes.barh(
            panel_rows,
            [max(entity.article_count, _MIN_BAR_LENGTH * max_count) for entity in panel_entities],
            _BAR_THICKNESS,
            color=_COLOURS[panel],
        )
        numbers = axes.bar_label(
            bars,
            [number_text(entity.article_count, lang) for entity in panel_entities],
            padding=14,
            size=_ROW_SIZE,
            color=TEXT_COLOUR,
            family=FONT,
            weight="bold",
        )
        for number in numbers:
            number.set_verticalalignment("center_baseline")
        rows += panel_rows
        row += len(panel_entities)
    write(_note_text(counts, lang), row + 0.6, _NOTE_SIZE, MUTED_COLOUR)
    labels = [
        _wrap_label(drop_unsupported_chars(_entity_label(entity, lang))) for entity in entities
    ]
    axes.set_yticks(rows, labels, color=TEXT_COLOUR, family=FONT, parse_math=False)
    for label, tick_label in zip(labels, axes.get_yticklabels(), strict=True):
        tick_label.set_fontsize(_WRAPPED_LABEL_SIZE if "\n" in label else _ROW_SIZE)
    file = BytesIO()
    figure.savefig(file, format="png", pil_kwargs={"optimize": True})
    return file.getvalue()


def warm_up() -> None:
    """Draw a chart, so that the first one that somebody waits for finds its fonts listed."""
    example = GazetteerEntry(
        kind="place", ar=("ليبيا",), en=("Libya",), fr=("Libye",), seen=("example",)
    )
    day = date(2000, 1, 1)
    counts = EntityCounts(1, places=(EntityCount(example, 1),))
    render_chart(counts, DateWindow(since=day, until=day), "ar")


def render_chart_caption(counts: EntityCounts, window: DateWindow, lang: UiLanguage) -> HtmlText:
    """Return what the chart shows, for who cannot see it: its title and the days.

    If nothing was mentioned, the caption says so.
    """
    _ = translator(lang).gettext
    days_text = window_text(window, lang)
    if not _panels(counts):
        return trusted_text(
            # Translators: {window}: a period, such as “since 4 February 2026”.
            _("What was published {window} mentions none of the known names and places.").format(
                window=days_text
            )
        )
    return trusted_text(f"{_('Most mentioned in the news')} · {days_text}")


def _panels(
    counts: EntityCounts,
) -> list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]:
    panels: list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]
    panels = [("names", counts.names), ("places", counts.places)]
    return [(panel, entities) for panel, entities in panels if entities]


def _entity_label(entity: EntityCount, lang: UiLanguage) -> str:
    """Return an entity's usual spelling in the language of the interface."""
    spellings = {"ar": entity.name.ar, "en": entity.name.en, "fr": entity.name.fr}
    return " ".join(strip_controls(spellings[lang][0]).split())


def _note_text(counts: EntityCounts, lang: UiLanguage) -> str:
    return (
        translator(lang)
        # Translators: {articles}: a number of articles.
        .gettext("Number of articles that mention each, out of {articles}")
        .format(articles=number_text(counts.article_count, lang))
    )


def _wrap_label(name: str) -> str:
    """Return a name, on two lines if it is long; what does not fit on these is cut off with «…»."""
    if len(name) <= _MAX_LABEL_LENGTH:
        return name
    width = min(max(len(name) // 2 + 5, _MAX_LABEL_LENGTH), _WRAPPED_LABEL_LENGTH)
    return "\n".join(wrap(name, width, max_lines=2, placeholder="…"))
