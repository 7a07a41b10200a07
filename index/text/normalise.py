"""Folding of Arabic and Latin text for matching only; nothing folded is ever shown or sliced."""

from __future__ import annotations

import re
import unicodedata

_HAMZA = "\u0654"
_LAST_COMBINING_MARK = 0x1E94A
_FOLD_TABLE = str.maketrans(
    {
        **{
            char: None
            for char in map(chr, range(_LAST_COMBINING_MARK + 1))
            if unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) and char != _HAMZA
        },
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ـ": None,
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
    }
)
"""What becomes of a decomposed text's marks and letters. أ إ آ are ا and a mark by then."""
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_STRAY_HAMZA = re.compile(f"(?<![وي]){_HAMZA}+")
"""A hamza mark that is not the one of ؤ or ئ."""


def fold(text: str) -> str:
    """Return `text` as the index compares it: case, harakat, tatweel and letter variants gone.

    NFKD comes first, because PDFs hold Arabic presentation forms; ؤ and ئ are left alone.
    White space is collapsed, so offsets into the result mean nothing in the original.
    """
    # Marks go before as well: normalising thousands of them on one letter takes their square.
    visible = _INVISIBLE.sub("", text).translate(_FOLD_TABLE)
    decomposed = unicodedata.normalize("NFKD", visible)
    folded = _STRAY_HAMZA.sub("", decomposed.translate(_FOLD_TABLE))
    return " ".join(unicodedata.normalize("NFC", folded).casefold().split())
