"""Decode the bytes of a page or a text whose declared charset may be wrong.

UTF-8 and a declared charset are recognised here; between the legacy encodings of the region,
charset-normalizer decides by how well the bytes read as words.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
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
"""Browsers search the first 1,024 bytes; old pages declare the charset after their styles."""
_LEGACY_CODECS = ("cp1256", "cp1252", "iso8859-6")
_CODEC_ALIASES = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-8-i": "iso8859-8"}
"""The WHATWG Encoding Standard decodes the labels of Latin-1 and ASCII as Windows-1252."""
_EXCLUDED_ENCODING = re.compile(r"utf[-_]?(?:7|16|32)|idna|punycode|escape|undefined|iso.?2022|hz")
"""UTF-16 and UTF-32 are detected before a label counts; the others are no encodings of pages, or
can hide tags from a filter."""
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_SEGMENT = re.compile(rb"[<\n]?[^<\n]*")
_MAX_SEGMENTS = 100_000
"""A page with more segments is decoded in larger ones, each up to a tag or the end of a line."""
_MAX_SAMPLE_BYTES = 20_000
"""So many bytes of segments that are not UTF-8 are enough to recognise their encoding."""
_MAX_CHANCE_BYTES = 5
"""Up to so many bytes beyond ASCII may be valid UTF-8 by chance."""
_MIN_UTF8_SHARE = 0.1
"""A segment is damaged UTF-8 if more than this share of its characters beyond ASCII is valid."""
_ARABIC_ARTICLE = re.compile(r"\bال")
_CONTROL_TRANSLATION = {
    **dict.fromkeys([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F]),
    **{code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)},
    0xFEFF: None,
    0x0C: "\n",
    **dict.fromkeys(range(0xD800, 0xE000)),
}
"""Replacements of control characters. U+0080 to U+009F are, on pages, Windows-1252's quotes."""


def decode(content: bytes, declared: str | None = None) -> str:
    """Return the text in `content`, without control characters; line ends become newlines.

    `declared` is the charset of the HTTP header. A byte order mark, the page's own `<meta>` and
    its XML declaration are considered too. Never raises; undecodable bytes become U+FFFD.
    """
    for bom, codec in _BYTE_ORDER_MARKS:
        if content.startswith(bom):
            return to_printable(content[len(bom) :].decode(codec, "replace"))
    content = content.removeprefix(codecs.BOM_UTF8)
    if utf16_codec := _detect_utf16(content):
        return to_printable(content.decode(utf16_codec, "replace"))
    if content.isascii():
        return to_printable(content.decode("ascii"))
    return to_printable("".join(_decode_segments(content, _declared_codecs(content, declared))))


def load_codecs(content: bytes, declared: str | None) -> None:
    """Import the codecs that `decode` may use for `content`, which then needs no more files."""
    names = (
        *dict(_BYTE_ORDER_MARKS).values(),
        *_LEGACY_CODECS,
        *_declared_codecs(content, declared),
    )
    for name in ("utf-8-sig", *names):
        codecs.lookup(name)


def to_printable(text: str) -> str:
    """Return `text` without control characters and lone surrogates, its line ends newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL_TRANSLATION)


def _detect_utf16(content: bytes) -> str | None:
    """Recognise UTF-16 by the NUL bytes of its markup: every second byte of ASCII is one."""
    beginning = content[:2_000]
    if 4 * beginning.count(0) < len(beginning) or len(content) < 4:
        return None
    return "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"


def _declared_codecs(content: bytes, declared: str | None) -> list[str]:
    """Return the declared codecs other than UTF-8: the HTTP header's first, each once."""
    declarations = _CHARSET_DECLARATION.findall(content[:_MAX_DECLARATION_OFFSET])
    labels = [declared or "", *(name.decode() for pair in declarations for name in pair if name)]
    found = [codec for label in labels if (codec := _find_codec(label))]
    return [codec for codec in dict.fromkeys(found) if codec != "utf-8"]


def _find_codec(label: str) -> str | None:
    """Return Python's name of the encoding that the Web calls `label`, or None."""
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


def _decode_segments(content: bytes, declared_codecs: Sequence[str]) -> Iterator[str]:
    """Decode each segment (between tags, line by line) as UTF-8 if it is, else as legacy text.

    Pages are assembled from segments of several sources, which may differ in encoding. In a page
    that is mostly UTF-8, a segment with some valid UTF-8 is damaged UTF-8.
    """
    if _is_utf8(content):
        yield content.decode("utf-8")
        return
    min_length = len(content) // _MAX_SEGMENTS
    pattern = re.compile(rb"[\s\S]{1,%d}[^<\n]*" % min_length) if min_length else _SEGMENT
    segments = [match.group() for match in pattern.finditer(content)]
    mostly_utf8 = _utf8_share(content) > 0.5
    non_utf8 = b"\n".join(segment for segment in segments if not _is_utf8(segment))
    codec = _detect_legacy_codec(non_utf8[:_MAX_SAMPLE_BYTES], declared_codecs)
    for segment in segments:
        if _is_utf8(segment) and (mostly_utf8 or _is_surely_utf8(segment)):
            yield segment.decode("utf-8")
        elif mostly_utf8 and _utf8_share(segment) > _MIN_UTF8_SHARE:
            yield segment.decode("utf-8", "replace")
        else:
            yield segment.decode(codec, "replace")


def _detect_legacy_codec(content: bytes, declared_codecs: Sequence[str]) -> str:
    """Return the codec that reads `content` best.

    Short texts leave several codecs equally good for charset-normalizer: of these, the one with the
    most Arabic articles, then the one declared first.
    """
    candidates = list(dict.fromkeys([*declared_codecs, *_LEGACY_CODECS]))
    matches = from_bytes(content, cp_isolation=candidates)
    best = [codecs.lookup(match.encoding).name for match in matches if not matches[0] < match]
    by_declaration = [codec for codec in declared_codecs if codec in best]
    return max(
        (*by_declaration, *(best or candidates)),
        key=lambda codec: len(_ARABIC_ARTICLE.findall(content.decode(codec, "replace"))),
    )


def _is_surely_utf8(segment: bytes) -> bool:
    return segment.isascii() or len(_NOT_ASCII.findall(segment)) > _MAX_CHANCE_BYTES


def _utf8_share(content: bytes) -> float:
    """Return the share of valid characters among those beyond ASCII; 1.0 if there are none."""
    text = content.decode("utf-8", "replace")
    non_ascii_count = len(text) - len(text.encode("ascii", "ignore"))
    return 1 - text.count("\ufffd") / non_ascii_count if non_ascii_count else 1.0


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
