"""What kind of document some bytes are, by their signature, their words and, last, their name."""

from __future__ import annotations

import json
import re
from enum import StrEnum

from index.ingest.rejections import RejectReason, SourceRejected


class FileType(StrEnum):
    """The kinds of documents that can be read."""

    PAGE = "page"
    TEXT = "text"
    PDF = "pdf"
    WORD = "word"
    LINES = "lines"


_OTHERS = tuple(
    (re.compile(signature, re.DOTALL), what)
    for signature, what in (
        (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}|II\*\x00|MM\x00\*|8BPS", "a picture"),
        (rb"RIFF.{4}WEBP|\x00.{3}ftyp(?:hei|mif|avif)|\x00\x00\x01\x00", "a picture"),
        (rb"\x00.{3}ftyp|RIFF.{4}AVI|\x1aE\xdf\xa3|FLV\x01|\x00\x00\x01[\xb3\xba]", "a film"),
        (rb"ID3[\x02-\x04]|OggS|fLaC|RIFF.{4}WAVE|#!AMR|\xff[\xf1\xf9\xfa\xfb]", "a sound"),
        (rb"\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "an archive"),
        (rb"\x7fELF|MZ[^\n]{0,60}\x00|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|#!/", "a program"),
        (rb"SQLite format 3\x00|wOF[F2]|OTTO\x00|\x00\x01\x00\x00|%!PS", "no text"),
        (rb"\{\\rtf", "an RTF document"),
        (
            rb"(?i)(?:[\w-]+:[^\n]*\r?\n[ \t]?){0,12}content-type: multipart/",
            "a saved mail or page",
        ),
    )
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_BEGINNING = 20_000
"""How many bytes of the beginning are looked at."""
_PAGE = re.compile(
    r"(?:\s|<!--.{0,5000}?-->|<\?xml[^>]{0,200}>)*"
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|link|script|style|div|p|article|section|main"
    r"|header|h[1-6]|table|ul|ol|span|a|br|img|b|i|strong|em|blockquote|font|center)\b[^<]*>)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?(?:html|body|p|div|br|h[1-6]|article|td)\b[^<>]*>", re.IGNORECASE)
_XML = re.compile(r"\s*(?:<\?xml|<!doctype|<(?:rss|feed|svg|rdf:RDF|urlset)\b)", re.IGNORECASE)
_READABLE = "The kinds that can be read are text (.txt, .md), .html, .pdf, .docx and .jsonl"


def kind_of(content: bytes, name: str | None = None, content_type: str | None = None) -> FileType:
    """Return what `content` is. Raises `SourceRejected` for what is none of the kinds that can be read."""
    said = f"{(name or '').lower().strip()} {(content_type or '').lower()}"
    beginning = content[:_BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0c")
    if beginning.startswith(b"%PDF-") or (b"%PDF-" in content[:1024] and "pdf" in said):
        return FileType.PDF
    if beginning.startswith(_ZIP):
        return FileType.WORD  # which looks into it, and refuses what is none
    if beginning.startswith(_OLE):
        raise _old_office(content)
    if not beginning:
        raise SourceRejected(RejectReason.NO_TEXT, "it is empty", "Send one that has text in it")
    for signature, what in _OTHERS:
        if signature.match(beginning):
            raise unknown(what)
    return _kind_of_text(content, said)


def unknown(what: str, remedy: str = _READABLE) -> SourceRejected:
    """Return the refusal of a kind that cannot be read, such as "a picture"."""
    return SourceRejected(RejectReason.UNKNOWN_KIND, f"it is {what}, which cannot be read", remedy)


def _old_office(content: bytes) -> SourceRejected:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return SourceRejected(
            RejectReason.LOCKED,
            "it is locked with a password",
            "Open it, save it without a password and send it again",
        )
    return unknown(
        "a document of an old kind (.doc, .xls, .ppt)", "Save it as .docx or .pdf and send it again"
    )


def _kind_of_text(content: bytes, said: str) -> FileType:
    from index.ingest.charset import decode

    beginning = content[:_BEGINNING]
    if len(content) > _BEGINNING:
        beginning = beginning.rstrip(_BEYOND_ASCII)  # it may have been cut within a letter
    if not beginning.startswith(_UTF16):
        controls = len(_CONTROL.findall(beginning))
        wide = 4 * beginning.count(0) >= len(beginning)  # UTF-16 without its mark
        if wide or 500 * controls > len(beginning):
            text = decode(beginning)
            if not (wide and _is_writing(text)):
                raise unknown("no text")
    text = decode(beginning)
    if 20 * text.count("\ufffd") > len(text):
        raise unknown("no text")
    if _PAGE.match(text):
        return FileType.PAGE
    if _XML.match(text):
        raise unknown("XML")
    if text.lstrip().startswith(("{", "[")):
        return _kind_of_json(content, said)
    if "htm" in said and _TAG.search(text):
        return FileType.PAGE
    return FileType.TEXT


def _is_writing(text: str) -> bool:
    """Say whether text is of the scripts that are read here, not what bytes in pairs give."""
    known = sum("\t" <= char < "\u0780" or "\u2000" <= char < "\u2070" for char in text)
    return 10 * known >= 9 * len(text) > 0


def _decoded(content: bytes) -> str:
    """Return text as it was meant, also in the encodings that JSON is not written in."""
    from index.ingest.charset import decode

    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return decode(content).strip()


def _kind_of_json(content: bytes, said: str) -> FileType:
    """Tell lines of JSON from one value over many lines, and from text in brackets."""
    if "jsonl" in said or "ndjson" in said:
        return FileType.LINES
    text = _decoded(content)
    for whole, piece in ((False, text.partition("\n")[0]), (True, text)):
        try:
            value = json.loads(piece)
        except RecursionError:
            raise unknown("JSON, nested too deeply") from None
        except ValueError:
            continue
        if isinstance(value, dict) and not whole:
            return FileType.LINES
        if isinstance(value, (dict, list)):
            raise unknown("JSON", "Write one article as one JSON object on each line (.jsonl)")
    return FileType.TEXT
