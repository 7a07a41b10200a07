"""From the bytes of a page or a text to its letters, whatever encoding it says it has.

What a page declares is often wrong, so the candidates are tried and the one is taken that reads as
words: Arabic, or Latin with accents where French has them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import partial

from index.text.normalise import fold
from index.text.spans import words

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']?([\w.:-]{2,40})"""
    rb"""|<meta[^>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_WHERE_DECLARED = 20_000
"""Browsers look at the first 1,024 bytes; old pages declare it after their styles."""
_LEGACY = ("cp1256", "cp1252", "iso8859-6")
_ALIASES = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-8-i": "iso8859-8"}
"""As the web has it (WHATWG): what is called Latin-1 or ASCII is Windows-1252."""
_NOT_OF_THE_WEB = re.compile(r"utf[-_]?(?:7|16|32)|idna|punycode|escape|undefined|iso.?2022|hz")
"""What was read this far is not written in two or four bytes; others are none, or hide tags."""
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_SEGMENT = re.compile(rb"[<\n]?[^<\n]*")
_MAX_PIECES = 100_000
"""A page of more bytes is decoded in larger pieces, each up to a tag or a line's end."""
_SAMPLE = 60_000
"""So many bytes of words with letters beyond ASCII are enough to judge an encoding by."""
_FEW = 5
"""So many bytes beyond ASCII do not fit UTF-8 by chance."""
_DAMAGED = 0.1
"""Where more than this share of a piece's letters fit UTF-8, the others are damaged."""
_BYTES_OF_WORDS = re.compile(rb"[A-Za-z'\x80-\xff]{1,200}")
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile("[\u0621-\u063a\u0640-\u0655\u0670\u067e\u0686\u06a4\u06a9\u06af\u06cc]{1,20}")
_LATIN = re.compile(
    "[A-Za-zÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŒàâäçèéêëîïôöùûüÿœáíóúñ]{1,30}"  # French, and names of its neighbours
)
_COMMON = frozenset(
    map(fold, words("في من على إلى الى عن أن ان هذا هذه التي الذي مع كان قال بعد قبل كما أو لا ما"))
)
_ARTICLES = ("ال", "وال", "بال", "لل", "كال", "فال")
_ACCENTED = words("à ô é été")
"""Words of which more than half has accents."""
_CONTROL = {
    **dict.fromkeys([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F]),
    **{code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)},
    0xFEFF: None,
    0x0C: "\n",
    **dict.fromkeys(range(0xD800, 0xE000)),
}
"""What becomes of control characters. Those of 80-9F are, on pages, Windows-1252's quotes."""


def decode(content: bytes, declared: str | None = None) -> str:
    """Return the text in `content`, without control characters; line ends become newlines.

    `declared` is the charset of the HTTP header; a mark at the beginning, the page's own `<meta>`
    and its XML declaration are looked at too. Never raises; what fits nowhere becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return printable(content[len(mark) :].decode(name, "replace"))
    content = content.removeprefix(codecs.BOM_UTF8)
    if wide := _utf16_without_mark(content):
        return printable(content.decode(wide, "replace"))
    if not _NOT_ASCII.search(content):
        return printable(content.decode("ascii"))
    return printable(_by_its_words(content, _names(content, declared)))


def printable(text: str) -> str:
    """Return `text` without control characters and lone surrogates, its line ends newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)


def _utf16_without_mark(content: bytes) -> str | None:
    """Tell UTF-16 by the NUL bytes of its markup: every second byte of ASCII is one."""
    beginning = content[:2_000]
    if 4 * beginning.count(0) < len(beginning) or len(content) < 4:
        return None
    return "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"


def _names(content: bytes, declared: str | None) -> list[str]:
    """Return the codecs to try, what was declared first, each once."""
    found = _DECLARED.findall(content[:_WHERE_DECLARED])
    said = [declared or "", *(name.decode() for pair in found for name in pair if name)]
    known = [codec for name in said if (codec := _codec(name))]
    return list(dict.fromkeys([*known, "utf-8", *_LEGACY]))


def _codec(label: str) -> str | None:
    """Return Python's name of an encoding of the web, or None where it is none."""
    name = label.strip().strip("\"'").lower().removeprefix("x-")
    if not name or _NOT_OF_THE_WEB.search(name):
        return None
    try:
        codec = codecs.lookup(name).name
        if b"<".decode(codec) != "<":
            return None
    except (LookupError, ValueError):
        return None
    return _ALIASES.get(codec, codec)


def _by_its_words(content: bytes, names: list[str]) -> str:
    sample = _sample(content)
    if _is_utf8(content) and (len(sample) > _FEW or _score(sample, "utf-8") > 0):
        return content.decode("utf-8")
    as_utf8 = sample.decode("utf-8", "replace")
    bad = as_utf8.count("\ufffd")
    good = sum(char > "\x7f" for char in as_utf8) - bad
    legacy = [name for name in names if name != "utf-8"]
    return "".join(_mixed(content, legacy, mostly_utf8=good > bad))


def _sample(content: bytes) -> bytes:
    """Return words with letters beyond ASCII, taken evenly from all of `content`."""
    found: list[bytes] = []
    step = max(1, len(content) // 40)
    for start in range(0, len(content), step):
        taken = 0
        for word in _BYTES_OF_WORDS.finditer(content, start, min(start + step, len(content))):
            if word.group().isascii():
                continue
            found.append(word.group())
            taken += len(found[-1])
            if taken > _SAMPLE // 40:
                break
    return b" ".join(found)


def _score(sample: bytes, name: str) -> float:
    """Say how far `sample` reads as words in an encoding: over 0.9 well, below 0 not at all.

    The share of letters that stand in words of one script, with letters that its languages use,
    and the share of the commonest Arabic words and articles, by which Arabic in the wrong one of
    two Arabic encodings is told. Each byte that fits nowhere counts against it.
    """
    text = sample.decode(name, "replace")
    total = good = common = arabic = 0
    for word in _WORD.findall(text):
        total += len(word)
        if _ARABIC.fullmatch(word):
            good += len(word)
            arabic += 1
            common += word.startswith(_ARTICLES) or fold(word) in _COMMON
        elif _is_latin(word):
            good += len(word)
    if not total:
        return -1.0
    bad = text.count("\ufffd") + sum("\x80" <= char < "\xa0" for char in text)
    return good / total + (common / arabic if arabic else 0.0) - 4 * bad / (total + bad)


def _is_latin(word: str) -> bool:
    """Say whether a word with accents could be French: most of its letters have none."""
    if not _LATIN.fullmatch(word):
        return False
    beyond = sum(char > "\x7f" for char in word)
    return 2 * beyond <= len(word) or word.lower() in _ACCENTED


def _mixed(content: bytes, legacy: list[str], *, mostly_utf8: bool) -> Iterator[str]:
    """Decode piece by piece (between tags, line by line): UTF-8 where it is, else what reads best.

    Pages are put together of pieces that come from elsewhere, in another encoding. In a page of
    UTF-8 what reads as words in no other encoding is damage.
    """
    least = len(content) // _MAX_PIECES
    segment = re.compile(rb"[\s\S]{1,%d}[^<\n]*" % least) if least else _SEGMENT
    pieces = [found.group() for found in segment.finditer(content)]
    others = b" ".join(piece for piece in pieces if not _is_utf8(piece))
    codec = max(legacy, key=partial(_score, others[:_SAMPLE]))
    for piece in pieces:
        if _is_utf8(piece) and (mostly_utf8 or _is_beyond_chance(piece)):
            yield piece.decode("utf-8")
        elif mostly_utf8 and _share_of_utf8(piece) > _DAMAGED:
            yield piece.decode("utf-8", "replace")
        else:
            yield piece.decode(codec, "replace")


def _is_beyond_chance(piece: bytes) -> bool:
    return piece.isascii() or len(_NOT_ASCII.findall(piece)) > _FEW


def _share_of_utf8(piece: bytes) -> float:
    text = piece.decode("utf-8", "replace")
    beyond = sum(char > "\x7f" for char in text)
    return 1 - text.count("\ufffd") / beyond if beyond else 1.0


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
