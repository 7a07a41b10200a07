"""Filter the title and author properties of a document, which often name a file or machine."""

from __future__ import annotations

import re

_SPACES = re.compile(r"\s+")
_NOT_A_TITLE = re.compile(
    r"(?i)microsoft|word|powerpoint|untitled|document|slide|scan|print|template|normal|image"
    r"|\.(?:docx?|pdf|rtf|txt|odt|indd|qxd|pptx?|xlsx?|html?)\b|[\\/_]|بدون عنوان|مستند|sans titre"
)
_NOT_AN_AUTHOR = re.compile(
    r"(?i)admin|user|owner|microsoft|windows|office|python|word|\bpc\b|\bhp\b|dell|lenovo|asus|acer"
    r"|toshiba|unknown|author|scan|print|client|@|\d|مستخدم|مدير|utilisateur"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def plausible_title(value: str | None) -> str | None:
    """Return the title if it has three words or more and names no file or program, else None."""
    line = _SPACES.sub(" ", value or "").strip()
    is_plausible = (
        len(_WORD.findall(line)) > 2 and len(line) < 300 and not _NOT_A_TITLE.search(line)
    )
    return line if is_plausible else None


def plausible_author(value: str | None) -> str | None:
    """Return the author if it is two to five words of letters and no machine or program."""
    line = _SPACES.sub(" ", value or "").strip()
    names = _WORD.findall(line)
    return (
        line if 1 < len(names) < 6 and len(line) < 80 and not _NOT_AN_AUTHOR.search(line) else None
    )
