"""A picture of the names and places that articles mention most, and the same as a short text.

Two panels of bars, one below the other and on one scale. Matplotlib shapes and orders Arabic itself
(from 3.11 on, with HarfBuzz and SheenBidi), in the DejaVu Sans that comes with it. For readers of
Arabic the whole picture is mirrored: names stand at the right, and bars grow from there. Nothing
here is pyplot's, and nothing is shared between calls, so that threads may draw at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

from telegram.constants import MessageLimit

from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import strip_controls
from bot.i18n.phrases import window_text as days_of
from bot.i18n.translations import N_, translator
from bot.telegram.message import HtmlText, bold, join_html, plain_text, trusted_text
from index.entity_counts import EntityCount, EntityCounts
from index.models import DateWindow

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

MAX_CAPTION_LENGTH = int(MessageLimit.CAPTION_LENGTH)
"""UTF-16 units of the text below a picture."""
WIDTH = 1_080
"""Pixels, as all lengths here."""
_DPI = 72
"""Dots an inch: a point of type is a pixel."""
_FREETYPE_UNITS_PER_PIXEL = 64
"""FreeType counts in so many parts of a pixel."""
_MARGIN, _LABEL_GAP = 48, 24
_NUMBER_GAP = 14
_MAX_LABEL_WIDTH = 430
"""A longer name is broken into two lines, and made smaller where one of them is longer still."""
_HEADER_HEIGHT, _PANEL_HEADER_HEIGHT, _ROW_HEIGHT, _FOOTER_HEIGHT = 154, 100, 74, 88
_BAR_THICKNESS, _MIN_BAR_LENGTH = 42, 3
_TITLE_SIZE, _DAYS_SIZE, _PANEL_SIZE, _ROW_SIZE, _NOTE_SIZE = 52, 34, 38, 35, 27
_WRAPPED_LABEL_SCALE = 0.8
"""The type of a name on two lines, as a share of the others'."""
_BASELINE_OFFSET = 0.36
"""How far below the middle of a line its letters stand, as a share of their size."""
_BACKGROUND_COLOUR, _TEXT_COLOUR, _MUTED_COLOUR = "#ffffff", "#17212b", "#5a6672"
_COLOURS = {"names": "#1b6f8a", "places": "#b5602a"}
_PANEL_TITLES = {"names": N_("People and organisations"), "places": N_("Places")}
_import_lock = Lock()


def render_chart(counts: EntityCounts, window: DateWindow, lang: UiLanguage) -> bytes | None:
    """Draw what was mentioned most in a window as a PNG; None where nothing was.

    The first picture of a process takes about a second, because matplotlib looks for its fonts.
    """
    panels = _panels(counts)
    if not panels:
        return None
    rows = sum(len(entities) for _panel, entities in panels)
    height = (
        _HEADER_HEIGHT + len(panels) * _PANEL_HEADER_HEIGHT + rows * _ROW_HEIGHT + _FOOTER_HEIGHT
    )
    canvas = _Canvas(height, mirrored=lang == "ar")
    _ = translator(lang).gettext
    canvas.draw_line(
        _("Most mentioned in the news"), _MARGIN, 68, _TextStyle(_TITLE_SIZE, bold=True)
    )
    canvas.draw_line(days_of(window, lang), _MARGIN, 128, _TextStyle(_DAYS_SIZE, _MUTED_COLOUR))
    labels = {
        entity: canvas.wrap_label(_entity_label(entity, lang))
        for _panel, entities in panels
        for entity in entities
    }
    max_count = max(entity.article_count for entity in labels)
    number_style = _TextStyle(_ROW_SIZE, bold=True)
    bar_start = _MARGIN + max(label.width for label in labels.values()) + _LABEL_GAP
    number_width = _NUMBER_GAP + canvas.width(number_text(max_count, lang), number_style)
    max_bar_length = WIDTH - _MARGIN - number_width - bar_start
    top = _HEADER_HEIGHT
    for panel, entities in panels:
        canvas.draw_line(
            _(_PANEL_TITLES[panel]),
            _MARGIN,
            top + 64,
            _TextStyle(_PANEL_SIZE, _COLOURS[panel], bold=True),
        )
        top += _PANEL_HEADER_HEIGHT
        for entity in entities:
            centre_y = top + _ROW_HEIGHT / 2
            bar_end = bar_start + max(
                max_bar_length * entity.article_count / max_count, _MIN_BAR_LENGTH
            )
            canvas.draw_label(labels[entity], _MARGIN, centre_y)
            canvas.draw_bar(bar_start, bar_end, centre_y, _COLOURS[panel])
            canvas.draw_line(
                number_text(entity.article_count, lang),
                bar_end + _NUMBER_GAP,
                centre_y,
                number_style,
            )
            top += _ROW_HEIGHT
    canvas.draw_line(
        _note_text(counts, lang), _MARGIN, top + 44, _TextStyle(_NOTE_SIZE, _MUTED_COLOUR)
    )
    return canvas.to_png()


def render_chart_caption(counts: EntityCounts, window: DateWindow, lang: UiLanguage) -> HtmlText:
    """Say the same in a text that fits below a picture; the last are left out to make room.

    Where nothing was mentioned it says so.
    """
    days_text = days_of(window, lang)
    if not _panels(counts):
        return trusted_text(
            translator(lang)
            # Translators: {window}: a period, such as “since 4 February 2026”.
            .gettext("What was published {window} mentions none of the known names and places.")
            .format(window=days_text)
        )
    max_rows = max(len(entities) for _panel, entities in _panels(counts))
    candidates = (
        _build_caption(counts, limit, days_text, lang) for limit in range(max_rows, -1, -1)
    )
    return next(
        candidate for candidate in candidates if candidate.utf16_units <= MAX_CAPTION_LENGTH
    )


def _build_caption(counts: EntityCounts, limit: int, days_text: str, lang: UiLanguage) -> HtmlText:
    """Put the caption together, with at most `limit` of each kind."""
    _ = translator(lang).gettext
    lists = [
        join_html(
            [
                bold(trusted_text(_(_PANEL_TITLES[panel]))),
                *(_entity_line(entity, lang) for entity in entities[:limit]),
            ],
            "\n",
        )
        for panel, entities in _panels(counts)
        if limit
    ]
    head = join_html(
        [bold(trusted_text(_("Most mentioned in the news"))), trusted_text(days_text)], "\n"
    )
    return join_html([head, *lists, trusted_text(_note_text(counts, lang))], "\n\n")


def _entity_line(entity: EntityCount, lang: UiLanguage) -> HtmlText:
    return join_html(
        [
            plain_text(_entity_label(entity, lang)),
            trusted_text(number_text(entity.article_count, lang)),
        ],
        ": ",
    )


def _panels(
    counts: EntityCounts,
) -> list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]:
    panels: list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]
    panels = [("names", counts.names), ("places", counts.places)]
    return [(panel, entities) for panel, entities in panels if entities]


def _entity_label(entity: EntityCount, lang: UiLanguage) -> str:
    """Return a name's usual spelling in the reader's language."""
    spellings = {"ar": entity.name.ar, "en": entity.name.en, "fr": entity.name.fr}
    return " ".join(strip_controls(spellings[lang][0]).split())


def _note_text(counts: EntityCounts, lang: UiLanguage) -> str:
    return (
        translator(lang)
        # Translators: {articles}: a number of articles.
        .gettext("Number of articles that mention each, out of {articles}")
        .format(articles=number_text(counts.article_count, lang))
    )


class _TextStyle(NamedTuple):
    """How words are set."""

    size: float
    colour: str = _TEXT_COLOUR
    bold: bool = False


class _WrappedLabel(NamedTuple):
    """A name on the lines that it takes, the widest of which is `width`."""

    lines: tuple[str, ...]
    style: _TextStyle
    width: float


class _Canvas:
    """An empty picture. Places are counted from its top, and from where its lines begin."""

    def __init__(self, height: int, *, mirrored: bool) -> None:
        with _temporary_mplconfigdir():
            from matplotlib.figure import Figure

        self._height = height
        self._mirrored = mirrored
        size = (WIDTH / _DPI, height / _DPI)
        self._figure = Figure(
            size, dpi=_DPI, facecolor=_BACKGROUND_COLOUR, edgecolor=_BACKGROUND_COLOUR
        )
        self._fonts = {bold: _load_font(_font_file(bold=bold)) for bold in (False, True)}

    def draw_line(self, line: str, x: float, centre_y: float, style: _TextStyle) -> None:
        """Write one line that starts at a place."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.transforms import IdentityTransform

        self._figure.text(
            self._mirror_x(x),
            self._height - centre_y - _BASELINE_OFFSET * style.size,
            self._drop_unsupported_chars(line, style),
            color=style.colour,
            fontproperties=FontProperties(fname=_font_file(bold=style.bold), size=style.size),
            ha="right" if self._mirrored else "left",
            va="baseline",
            parse_math=False,
            transform=IdentityTransform(),
        )

    def draw_label(self, label: _WrappedLabel, x: float, centre_y: float) -> None:
        """Write lines one below the other, around a middle."""
        lines_above = (len(label.lines) - 1) / 2
        for line_index, line in enumerate(label.lines):
            self.draw_line(
                line,
                x,
                centre_y + (line_index - lines_above) * label.style.size * 1.12,
                label.style,
            )

    def draw_bar(self, start: float, end: float, centre_y: float, colour: str) -> None:
        """Draw a bar."""
        from matplotlib.patches import Rectangle
        from matplotlib.transforms import IdentityTransform

        left = min(self._mirror_x(start), self._mirror_x(end))
        bottom = self._height - centre_y - _BAR_THICKNESS / 2
        bar = Rectangle((left, bottom), end - start, _BAR_THICKNESS, color=colour, linewidth=0)
        bar.set_transform(IdentityTransform())
        self._figure.add_artist(bar)

    def width(self, line: str, style: _TextStyle) -> float:
        """Return how wide words are."""
        font = self._fonts[style.bold]
        font.set_size(style.size, _DPI)
        font.set_text(self._drop_unsupported_chars(line, style))
        return font.get_width_height()[0] / _FREETYPE_UNITS_PER_PIXEL

    def wrap_label(self, name: str) -> _WrappedLabel:
        """Break a long name where its lines are most alike, and make them as small as they must."""
        full_style = _TextStyle(_ROW_SIZE)
        width = self.width(name, full_style)
        words = name.split(" ")
        if width <= _MAX_LABEL_WIDTH or len(words) == 1:
            return _WrappedLabel((name,), *_shrink_to_fit(full_style, width))
        small_style = _TextStyle(_ROW_SIZE * _WRAPPED_LABEL_SCALE)
        breaks = [
            (" ".join(words[:split_index]), " ".join(words[split_index:]))
            for split_index in range(1, len(words))
        ]
        widths = [max(self.width(line, small_style) for line in lines) for lines in breaks]
        width, lines = min(zip(widths, breaks, strict=True))
        return _WrappedLabel(lines, *_shrink_to_fit(small_style, width))

    def to_png(self) -> bytes:
        """Return the picture."""
        file = BytesIO()
        self._figure.savefig(
            file,
            format="png",
            dpi=_DPI,
            facecolor=_BACKGROUND_COLOUR,
            pil_kwargs={"optimize": True},
        )
        return file.getvalue()

    def _mirror_x(self, x: float) -> float:
        return WIDTH - x if self._mirrored else x

    def _drop_unsupported_chars(self, line: str, style: _TextStyle) -> str:
        """Leave out what the font has no shape for: it would be a box, and a warning."""
        font = self._fonts[style.bold]
        return "".join(char for char in line if font.get_char_index(ord(char)))


def _shrink_to_fit(style: _TextStyle, width: float) -> tuple[_TextStyle, float]:
    """Return type in which lines of a width have room, and how wide they are then."""
    if width <= _MAX_LABEL_WIDTH:
        return style, width
    return style._replace(size=style.size * _MAX_LABEL_WIDTH / width), _MAX_LABEL_WIDTH


def _font_file(*, bold: bool) -> str:
    from matplotlib import get_data_path

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(get_data_path(), "fonts", "ttf", name))


def _load_font(file: str) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(file)


@contextmanager
def _temporary_mplconfigdir() -> Iterator[None]:
    """Let matplotlib, while it is first imported, write its list of fonts into a passing folder.

    It would otherwise make folders in the home of whoever runs the bot, and warn where it cannot.
    """
    with _import_lock:
        if "matplotlib.font_manager" in sys.modules or "MPLCONFIGDIR" in os.environ:
            yield
            return
        with TemporaryDirectory(prefix="chart-") as folder:
            os.environ["MPLCONFIGDIR"] = folder
            try:
                yield
            finally:
                del os.environ["MPLCONFIGDIR"]
