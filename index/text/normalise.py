"""Fold Arabic and Latin text for matching; folded text is never shown to users."""

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
"""Replacements in decomposed text (NFKD), in which أ إ آ are ا and a combining mark."""
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_STRAY_HAMZA = re.compile(f"(?<![وي]){_HAMZA}+")
"""A combining hamza that does not belong to ؤ or ئ."""


def fold(text: str) -> str:
    """Return `text` as the index compares it: without case, harakat, tatweel and letter variants.

    The text is decomposed (NFKD) because PDFs contain Arabic presentation forms; ؤ and ئ are
    kept. White space is collapsed, so offsets in the result do not apply to `text`.
    """
    # Remove marks first as well: normalising n marks on one letter takes time O(n²).
    visible = _INVISIBLE.sub("", text).translate(_FOLD_TABLE)
    decomposed = unicodedata.normalize("NFKD", visible)
    folded = _STRAY_HAMZA.sub("", decomposed.translate(_FOLD_TABLE))
    return " ".join(unicodedata.normalize("NFC", folded).casefold().split())
