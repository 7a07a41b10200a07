"""A picture of the names and places that articles mention most, and the same as a short text.

Two panels of bars, one below the other and on one scale. Matplotlib shapes and orders Arabic itself
(from 3.11 on, with HarfBuzz and SheenBidi), in the DejaVu Sans that comes with it. For readers of
Arabic the whole picture is mirrored: names stand at the right, and bars grow from there. Nothing
here is pyplot's, and nothing is shared between calls, so that threads may draw at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

from telegram.constants import MessageLimit

from bot.i18n.catalogue import UiLanguage, shown_number
from bot.i18n.phrases import visible
from bot.i18n.phrases import window as days_of
from bot.telegram.message import HtmlText, bold, joined, text, trusted_text
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
_FRACTIONS = 64
"""FreeType counts in so many parts of a pixel."""
_MARGIN, _GAP = 48, 24
_NUMBER_GAP = 14
_WIDEST_LABEL = 430
"""A longer name is broken into two lines, and made smaller where one of them is longer still."""
_HEAD, _PANEL_HEAD, _ROW, _FOOT = 154, 100, 74, 88
_BAR, _THINNEST_BAR = 42, 3
_TITLE_TYPE, _DAYS_TYPE, _PANEL_TYPE, _ROW_TYPE, _NOTE_TYPE = 52, 34, 38, 35, 27
_SMALLER = 0.8
"""The type of a name on two lines, as a share of the others'."""
_BASELINE = 0.36
"""How far below the middle of a line its letters stand, as a share of their size."""
_PAPER, _INK, _FAINT = "#ffffff", "#17212b", "#5a6672"
_COLOURS = {"names": "#1b6f8a", "places": "#b5602a"}
_WORDS: Mapping[UiLanguage, Mapping[str, str]] = {
    "ar": {
        "title": "الأكثر ذكراً في الأخبار",
        "names": "أشخاص وهيئات",
        "places": "أماكن",
        "note": "عدد المقالات التي تذكر كل اسم، من أصل {articles}",
        "nothing": "لا يُذكر في ما نُشر {window} أي من الأسماء والأماكن المعروفة.",
    },
    "en": {
        "title": "Most mentioned in the news",
        "names": "People and organisations",
        "places": "Places",
        "note": "Number of articles that mention each, out of {articles}",
        "nothing": "What was published {window} mentions none of the known names and places.",
    },
    "fr": {
        "title": "Les plus cités dans l'actualité",
        "names": "Personnes et organisations",
        "places": "Lieux",
        "note": "Nombre d'articles qui citent chaque nom, sur {articles}",
        "nothing": "Ce qui a été publié {window} ne cite aucun des noms et lieux connus.",
    },
}
_importing = Lock()


def picture(found: EntityCounts, window: DateWindow, lang: UiLanguage) -> bytes | None:
    """Draw what was mentioned most in a window as a PNG; None where nothing was.

    The first picture of a process takes about a second, because matplotlib looks for its fonts.
    """
    panels = _panels(found)
    if not panels:
        return None
    rows = sum(len(listed) for _, listed in panels)
    height = _HEAD + len(panels) * _PANEL_HEAD + rows * _ROW + _FOOT
    paper = _Canvas(height, mirrored=lang == "ar")
    words = _WORDS[lang]
    paper.write(words["title"], _MARGIN, 68, _TextStyle(_TITLE_TYPE, bold=True))
    paper.write(days_of(window, lang), _MARGIN, 128, _TextStyle(_DAYS_TYPE, _FAINT))
    labels = {each: paper.fitted(_label(each, lang)) for _, listed in panels for each in listed}
    most = max(each.articles for each in labels)
    number = _TextStyle(_ROW_TYPE, bold=True)
    start = _MARGIN + max(label.width for label in labels.values()) + _GAP
    behind = _NUMBER_GAP + paper.width(shown_number(most, lang), number)
    longest = WIDTH - _MARGIN - behind - start
    top = _HEAD
    for panel, listed in panels:
        paper.write(
            words[panel], _MARGIN, top + 64, _TextStyle(_PANEL_TYPE, _COLOURS[panel], bold=True)
        )
        top += _PANEL_HEAD
        for each in listed:
            middle = top + _ROW / 2
            end = start + max(longest * each.articles / most, _THINNEST_BAR)
            paper.stack(labels[each], _MARGIN, middle)
            paper.bar(start, end, middle, _COLOURS[panel])
            paper.write(shown_number(each.articles, lang), end + _NUMBER_GAP, middle, number)
            top += _ROW
    paper.write(_note(found, lang), _MARGIN, top + 44, _TextStyle(_NOTE_TYPE, _FAINT))
    return paper.png()


def caption(found: EntityCounts, window: DateWindow, lang: UiLanguage) -> HtmlText:
    """Say the same in a text that fits below a picture; the last are left out to make room.

    Where nothing was mentioned it says so.
    """
    days = days_of(window, lang)
    if not _panels(found):
        return trusted_text(_WORDS[lang]["nothing"].format(window=days))
    most = max(len(listed) for _, listed in _panels(found))
    said = (_said(found, limit, days, lang) for limit in range(most, -1, -1))
    return next(each for each in said if each.units <= MAX_CAPTION_LENGTH)


def _said(found: EntityCounts, limit: int, days: str, lang: UiLanguage) -> HtmlText:
    """Put the caption together, with at most `limit` of each kind."""
    words = _WORDS[lang]
    lists = [
        joined(
            [bold(trusted_text(words[panel])), *(_line(each, lang) for each in listed[:limit])],
            "\n",
        )
        for panel, listed in _panels(found)
        if limit
    ]
    head = joined([bold(trusted_text(words["title"])), trusted_text(days)], "\n")
    return joined([head, *lists, trusted_text(_note(found, lang))], "\n\n")


def _line(of: EntityCount, lang: UiLanguage) -> HtmlText:
    return joined([text(_label(of, lang)), trusted_text(shown_number(of.articles, lang))], ": ")


def _panels(
    found: EntityCounts,
) -> list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]:
    panels: list[tuple[Literal["names", "places"], tuple[EntityCount, ...]]]
    panels = [("names", found.names), ("places", found.places)]
    return [(panel, listed) for panel, listed in panels if listed]


def _label(of: EntityCount, lang: UiLanguage) -> str:
    """Return a name's usual spelling in the reader's language."""
    spellings = {"ar": of.name.ar, "en": of.name.en, "fr": of.name.fr}
    return " ".join(visible(spellings[lang][0]).split())


def _note(found: EntityCounts, lang: UiLanguage) -> str:
    return _WORDS[lang]["note"].format(articles=shown_number(found.articles, lang))


class _TextStyle(NamedTuple):
    """How words are set."""

    size: float
    colour: str = _INK
    bold: bool = False


class _WrappedLabel(NamedTuple):
    """A name on the lines that it takes, the widest of which is `width`."""

    lines: tuple[str, ...]
    type: _TextStyle
    width: float


class _Canvas:
    """An empty picture. Places are counted from its top, and from where its lines begin."""

    def __init__(self, height: int, *, mirrored: bool) -> None:
        with _folder_of_its_own():
            from matplotlib.figure import Figure

        self._height = height
        self._mirrored = mirrored
        size = (WIDTH / _DPI, height / _DPI)
        self._figure = Figure(size, dpi=_DPI, facecolor=_PAPER, edgecolor=_PAPER)
        self._fonts = {bold: _font(_font_file(bold=bold)) for bold in (False, True)}

    def write(self, words: str, at: float, middle: float, how: _TextStyle) -> None:
        """Write one line that starts at a place."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.transforms import IdentityTransform

        self._figure.text(
            self._across(at),
            self._height - middle - _BASELINE * how.size,
            self._in_font(words, how),
            color=how.colour,
            fontproperties=FontProperties(fname=_font_file(bold=how.bold), size=how.size),
            ha="right" if self._mirrored else "left",
            va="baseline",
            parse_math=False,
            transform=IdentityTransform(),
        )

    def stack(self, words: _WrappedLabel, at: float, middle: float) -> None:
        """Write lines one below the other, around a middle."""
        above = (len(words.lines) - 1) / 2
        for number, line in enumerate(words.lines):
            self.write(line, at, middle + (number - above) * words.type.size * 1.12, words.type)

    def bar(self, start: float, end: float, middle: float, colour: str) -> None:
        """Draw a bar."""
        from matplotlib.patches import Rectangle
        from matplotlib.transforms import IdentityTransform

        left = min(self._across(start), self._across(end))
        bottom = self._height - middle - _BAR / 2
        bar = Rectangle((left, bottom), end - start, _BAR, color=colour, linewidth=0)
        bar.set_transform(IdentityTransform())
        self._figure.add_artist(bar)

    def width(self, words: str, how: _TextStyle) -> float:
        """Return how wide words are."""
        font = self._fonts[how.bold]
        font.set_size(how.size, _DPI)
        font.set_text(self._in_font(words, how))
        return font.get_width_height()[0] / _FRACTIONS

    def fitted(self, name: str) -> _WrappedLabel:
        """Break a long name where its lines are most alike, and make them as small as they must."""
        whole = _TextStyle(_ROW_TYPE)
        width = self.width(name, whole)
        words = name.split(" ")
        if width <= _WIDEST_LABEL or len(words) == 1:
            return _WrappedLabel((name,), *_shrunk(whole, width))
        smaller = _TextStyle(_ROW_TYPE * _SMALLER)
        breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        widths = [max(self.width(line, smaller) for line in lines) for lines in breaks]
        width, lines = min(zip(widths, breaks, strict=True))
        return _WrappedLabel(lines, *_shrunk(smaller, width))

    def png(self) -> bytes:
        """Return the picture."""
        file = BytesIO()
        self._figure.savefig(
            file, format="png", dpi=_DPI, facecolor=_PAPER, pil_kwargs={"optimize": True}
        )
        return file.getvalue()

    def _across(self, at: float) -> float:
        return WIDTH - at if self._mirrored else at

    def _in_font(self, words: str, how: _TextStyle) -> str:
        """Leave out what the font has no shape for: it would be a box, and a warning."""
        font = self._fonts[how.bold]
        return "".join(char for char in words if font.get_char_index(ord(char)))


def _shrunk(how: _TextStyle, width: float) -> tuple[_TextStyle, float]:
    """Return type in which lines of a width have room, and how wide they are then."""
    if width <= _WIDEST_LABEL:
        return how, width
    return how._replace(size=how.size * _WIDEST_LABEL / width), _WIDEST_LABEL


def _font_file(*, bold: bool) -> str:
    from matplotlib import get_data_path

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(get_data_path(), "fonts", "ttf", name))


def _font(file: str) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(file)


@contextmanager
def _folder_of_its_own() -> Iterator[None]:
    """Let matplotlib, while it is first imported, write its list of fonts into a passing folder.

    It would otherwise make folders in the home of whoever runs the bot, and warn where it cannot.
    """
    with _importing:
        if "matplotlib.font_manager" in sys.modules or "MPLCONFIGDIR" in os.environ:
            yield
            return
        with TemporaryDirectory(prefix="chart-") as folder:
            os.environ["MPLCONFIGDIR"] = folder
            try:
                yield
            finally:
                del os.environ["MPLCONFIGDIR"]
