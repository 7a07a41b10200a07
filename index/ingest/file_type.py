"""Detect the file type of a document by its signature, its text and, last, its name."""

from __future__ import annotations

import json
import re
from enum import StrEnum

from index.ingest.rejections import RejectReason, SourceRejected


class FileType(StrEnum):
    """The supported file types."""

    HTML = "page"
    TEXT = "text"
    PDF = "pdf"
    DOCX = "word"
    JSON_LINES = "lines"


_UNSUPPORTED_SIGNATURES = tuple(
    (re.compile(signature, re.DOTALL), description)
    for signature, description in (
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
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_SNIFFED_BYTES = 20_000
"""Number of leading bytes that are inspected."""
_HTML_START = re.compile(
    r"(?:\s|<!--.{0,5000}?-->|<\?xml[^>]{0,200}>)*"
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|link|script|style|div|p|article|section|main"
    r"|header|h[1-6]|table|ul|ol|span|a|br|img|b|i|strong|em|blockquote|font|center)\b[^<]*>)",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"</?(?:html|body|p|div|br|h[1-6]|article|td)\b[^<>]*>", re.IGNORECASE)
_XML_START = re.compile(
    r"\s*(?:<\?xml|<!doctype|<(?:rss|feed|svg|rdf:RDF|urlset)\b)", re.IGNORECASE
)
_SUPPORTED_TYPES = "The types that can be read are text (.txt, .md), .html, .pdf, .docx and .jsonl"


def detect_file_type(
    content: bytes, name: str | None = None, content_type: str | None = None
) -> FileType:
    """Return the file type of `content`.

    Raises `SourceRejected`: UNSUPPORTED_TYPE, NO_TEXT if it is empty, PASSWORD_PROTECTED.
    """
    declared = f"{(name or '').lower().strip()} {(content_type or '').lower()}"
    head = content[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0c")
    if head.startswith(b"%PDF-") or (b"%PDF-" in content[:1024] and "pdf" in declared):
        return FileType.PDF
    if head.startswith(_ZIP_SIGNATURES):
        return FileType.DOCX  # whose reader rejects other archives
    if head.startswith(_OLE_SIGNATURE):
        raise _old_office_error(content)
    if not head:
        raise SourceRejected(RejectReason.NO_TEXT, "it is empty", "Send one that has text in it")
    for signature, description in _UNSUPPORTED_SIGNATURES:
        if signature.match(head):
            raise unsupported_type_error(description)
    return _detect_text_type(content, declared)


def unsupported_type_error(description: str, remedy: str = _SUPPORTED_TYPES) -> SourceRejected:
    """Return the error for an unsupported type; `description` is like "a picture"."""
    return SourceRejected(
        RejectReason.UNSUPPORTED_TYPE, f"it is {description}, which cannot be read", remedy
    )


def _old_office_error(content: bytes) -> SourceRejected:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return SourceRejected(
            RejectReason.PASSWORD_PROTECTED,
            "it is protected by a password",
            "Open it, save it without a password and send it again",
        )
    return unsupported_type_error(
        "a document in an old format (.doc, .xls, .ppt)",
        "Save it as .docx or .pdf and send it again",
    )


def _detect_text_type(content: bytes, declared: str) -> FileType:
    from index.ingest.charset import decode

    head = content[:_SNIFFED_BYTES]
    if len(content) > _SNIFFED_BYTES:
        head = head.rstrip(_BEYOND_ASCII)  # a character may have been cut
    if not head.startswith(_UTF16_BOMS):
        control_count = len(_CONTROL_BYTE.findall(head))
        looks_utf16 = 4 * head.count(0) >= len(head)  # UTF-16 without a byte order mark
        if looks_utf16 or 500 * control_count > len(head):
            text = decode(head)
            if not (looks_utf16 and _is_readable_script(text)):
                raise unsupported_type_error("no text")
    text = decode(head)
    if 20 * text.count("\ufffd") > len(text):
        raise unsupported_type_error("no text")
    if _HTML_START.match(text):
        return FileType.HTML
    if _XML_START.match(text):
        raise unsupported_type_error("XML")
    if text.lstrip().startswith(("{", "[")):
        return _detect_json_type(content, declared)
    if "htm" in declared and _HTML_TAG.search(text):
        return FileType.HTML
    return FileType.TEXT


def _is_readable_script(text: str) -> bool:
    """Return whether 90 % of the characters are of supported scripts, as decoded binary is not."""
    readable_count = sum("\t" <= char < "\u0780" or "\u2000" <= char < "\u2070" for char in text)
    return 10 * readable_count >= 9 * len(text) > 0


def _decode_json_text(content: bytes) -> str:
    """Decode JSON, also from encodings that its standard (RFC 8259) does not allow."""
    from index.ingest.charset import decode

    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return decode(content).strip()


def _detect_json_type(content: bytes, declared: str) -> FileType:
    """Distinguish JSON lines from a JSON value over several lines and from text in brackets."""
    if "jsonl" in declared or "ndjson" in declared:
        return FileType.JSON_LINES
    text = _decode_json_text(content)
    for is_whole_text, candidate in ((False, text.partition("\n")[0]), (True, text)):
        try:
            value = json.loads(candidate)
        except RecursionError:
            raise unsupported_type_error("JSON, nested too deeply") from None
        except ValueError:
            continue
        if isinstance(value, dict) and not is_whole_text:
            return FileType.JSON_LINES
        if isinstance(value, (dict, list)):
            raise unsupported_type_error(
                "JSON", "Write one article as one JSON object on each line (.jsonl)"
            )
    return FileType.TEXT
