"""What the charts share: their size, font and colours, and the import of matplotlib.

Matplotlib (3.11 or later) shapes and orders Arabic itself, with HarfBuzz and SheenBidi, in DejaVu
Sans, which comes with it. Charts use no pyplot and no state shared between calls, so threads may
draw at the same time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from threading import Lock

WIDTH = 1_080
"""Pixels, as all lengths and sizes of charts."""
DPI = 72
"""At 72 dots an inch, a point is a pixel."""
FONT = "DejaVu Sans"
BACKGROUND_COLOUR, TEXT_COLOUR, MUTED_COLOUR = "#ffffff", "#17212b", "#5a6672"
FIRST_COLOUR, SECOND_COLOUR = "#1b6f8a", "#b5602a"
"""The colours of the bars of the first and of the second panel."""
_import_lock = Lock()


def drop_unsupported_chars(text: str) -> str:
    """Return the text without characters that the font lacks; they would be boxes and warnings."""
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont(FONT))
    return "".join(char for char in text if font.get_char_index(ord(char)))


@contextmanager
def temporary_mplconfigdir() -> Iterator[None]:
    """Let matplotlib write its list of fonts into a temporary folder during its first import.

    It would otherwise create folders in the user's home, and warn where it cannot.
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
