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
from index.text.spans import word_set

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET_DECLARATION = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']?([\w.:-]{2,40})"""
    rb"""|<meta[^>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_MAX_DECLARATION_OFFSET = 20_000
"""Browsers look at the first 1,024 bytes; old pages declare it after their styles."""
_LEGACY_CODECS = ("cp1256", "cp1252", "iso8859-6")
_CODEC_ALIASES = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-8-i": "iso8859-8"}
"""As the web has it (WHATWG): what is called Latin-1 or ASCII is Windows-1252."""
_EXCLUDED_ENCODING = re.compile(r"utf[-_]?(?:7|16|32)|idna|punycode|escape|undefined|iso.?2022|hz")
"""What was read this far is not written in two or four bytes; others are none, or hide tags."""
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_SEGMENT = re.compile(rb"[<\n]?[^<\n]*")
_MAX_SEGMENTS = 100_000
"""A page of more bytes is decoded in larger pieces, each up to a tag or a line's end."""
_MAX_SAMPLE_BYTES = 60_000
"""So many bytes of words with letters beyond ASCII are enough to judge an encoding by."""
_MAX_CHANCE_BYTES = 5
"""So many bytes beyond ASCII do not fit UTF-8 by chance."""
_MIN_UTF8_SHARE = 0.1
"""Where more than this share of a piece's letters fit UTF-8, the others are damaged."""
_WORD_BYTES = re.compile(rb"[A-Za-z'\x80-\xff]{1,200}")
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile("[\u0621-\u063a\u0640-\u0655\u0670\u067e\u0686\u06a4\u06a9\u06af\u06cc]{1,20}")
_LATIN = re.compile(
    "[A-Za-zÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŒàâäçèéêëîïôöùûüÿœáíóúñ]{1,30}"  # French, and names of its neighbours
)
_COMMON_WORDS = frozenset(
    map(
        fold,
        word_set("في من على إلى الى عن أن ان هذا هذه التي الذي مع كان قال بعد قبل كما أو لا ما"),
    )
)
_ARABIC_ARTICLES = ("ال", "وال", "بال", "لل", "كال", "فال")
_ACCENTED_WORDS = word_set("à ô é été")
"""Words of which more than half has accents."""
_CONTROL_TRANSLATION = {
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
    for bom, name in _BYTE_ORDER_MARKS:
        if content.startswith(bom):
            return to_printable(content[len(bom) :].decode(name, "replace"))
    content = content.removeprefix(codecs.BOM_UTF8)
    if utf16_codec := _detect_utf16(content):
        return to_printable(content.decode(utf16_codec, "replace"))
    if not _NOT_ASCII.search(content):
        return to_printable(content.decode("ascii"))
    return to_printable(_decode_by_likely_words(content, _candidate_codecs(content, declared)))


def to_printable(text: str) -> str:
    """Return `text` without control characters and lone surrogates, its line ends newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL_TRANSLATION)


def _detect_utf16(content: bytes) -> str | None:
    """Tell UTF-16 by the NUL bytes of its markup: every second byte of ASCII is one."""
    beginning = content[:2_000]
    if 4 * beginning.count(0) < len(beginning) or len(content) < 4:
        return None
    return "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"


def _candidate_codecs(content: bytes, declared: str | None) -> list[str]:
    """Return the codecs to try, what was declared first, each once."""
    declarations = _CHARSET_DECLARATION.findall(content[:_MAX_DECLARATION_OFFSET])
    labels = [declared or "", *(name.decode() for pair in declarations for name in pair if name)]
    declared_codecs = [codec for name in labels if (codec := _find_codec(name))]
    return list(dict.fromkeys([*declared_codecs, "utf-8", *_LEGACY_CODECS]))


def _find_codec(label: str) -> str | None:
    """Return Python's name of an encoding of the web, or None where it is none."""
    name = label.strip().strip("\"'").lower().removeprefix("x-")
    if not name or _EXCLUDED_ENCODING.search(name):
        return None
    try:
        codec = codecs.lookup(name).name
        if b"<".decode(codec) != "<":
            return None
    except (LookupError, ValueError):
        return None
    return _CODEC_ALIASES.get(codec, codec)


def _decode_by_likely_words(content: bytes, candidate_codecs: list[str]) -> str:
    sample = _sample(content)
    if _is_utf8(content) and (len(sample) > _MAX_CHANCE_BYTES or _score(sample, "utf-8") > 0):
        return content.decode("utf-8")
    as_utf8 = sample.decode("utf-8", "replace")
    bad_count = as_utf8.count("\ufffd")
    good_count = sum(char > "\x7f" for char in as_utf8) - bad_count
    legacy_codecs = [name for name in candidate_codecs if name != "utf-8"]
    return "".join(_decode_segments(content, legacy_codecs, mostly_utf8=good_count > bad_count))


def _sample(content: bytes) -> bytes:
    """Return words with letters beyond ASCII, taken evenly from all of `content`."""
    sampled_words: list[bytes] = []
    step = max(1, len(content) // 40)
    for start in range(0, len(content), step):
        sampled_bytes = 0
        for word in _WORD_BYTES.finditer(content, start, min(start + step, len(content))):
            if word.group().isascii():
                continue
            sampled_words.append(word.group())
            sampled_bytes += len(sampled_words[-1])
            if sampled_bytes > _MAX_SAMPLE_BYTES // 40:
                break
    return b" ".join(sampled_words)


def _score(sample: bytes, codec: str) -> float:
    """Say how far `sample` reads as words in an encoding: over 0.9 well, below 0 not at all.

    The share of letters that stand in words of one script, with letters that its languages use,
    and the share of the commonest Arabic words and articles, by which Arabic in the wrong one of
    two Arabic encodings is told. Each byte that fits nowhere counts against it.
    """
    text = sample.decode(codec, "replace")
    total = good = common = arabic = 0
    for word in _WORD.findall(text):
        total += len(word)
        if _ARABIC.fullmatch(word):
            good += len(word)
            arabic += 1
            common += word.startswith(_ARABIC_ARTICLES) or fold(word) in _COMMON_WORDS
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
    accented_letters = sum(char > "\x7f" for char in word)
    return 2 * accented_letters <= len(word) or word.lower() in _ACCENTED_WORDS


def _decode_segments(
    content: bytes, legacy_codecs: list[str], *, mostly_utf8: bool
) -> Iterator[str]:
    """Decode piece by piece (between tags, line by line): UTF-8 where it is, else what reads best.

    Pages are put together of pieces that come from elsewhere, in another encoding. In a page of
    UTF-8 what reads as words in no other encoding is damage.
    """
    min_segment_bytes = len(content) // _MAX_SEGMENTS
    segment_pattern = (
        re.compile(rb"[\s\S]{1,%d}[^<\n]*" % min_segment_bytes) if min_segment_bytes else _SEGMENT
    )
    pieces = [match.group() for match in segment_pattern.finditer(content)]
    non_utf8 = b" ".join(piece for piece in pieces if not _is_utf8(piece))
    codec = max(legacy_codecs, key=partial(_score, non_utf8[:_MAX_SAMPLE_BYTES]))
    for piece in pieces:
        if _is_utf8(piece) and (mostly_utf8 or _is_surely_utf8(piece)):
            yield piece.decode("utf-8")
        elif mostly_utf8 and _utf8_share(piece) > _MIN_UTF8_SHARE:
            yield piece.decode("utf-8", "replace")
        else:
            yield piece.decode(codec, "replace")


def _is_surely_utf8(piece: bytes) -> bool:
    return piece.isascii() or len(_NOT_ASCII.findall(piece)) > _MAX_CHANCE_BYTES


def _utf8_share(piece: bytes) -> float:
    text = piece.decode("utf-8", "replace")
    non_ascii_count = sum(char > "\x7f" for char in text)
    return 1 - text.count("\ufffd") / non_ascii_count if non_ascii_count else 1.0


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
