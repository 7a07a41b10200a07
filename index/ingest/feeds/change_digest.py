"""Compute a digest of a feed that changes only with its entries, without parsing it."""

from __future__ import annotations

import hashlib
import re

_HEAD_SIZE = 3_000
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<(?:[\w-]{1,20}:)?(?:item|entry)\b", re.IGNORECASE)
_SITEMAP_START = re.compile(rb"<(?:[\w-]{1,20}:)?(?:url|sitemap)\b", re.IGNORECASE)
_HREF = re.compile(
    rb"""\bhref\s{0,9}=\s{0,9}(?:"([^"<>]{0,4000})"|'([^'<>]{0,4000})')""", re.IGNORECASE
)
_SPACE_BETWEEN_TAGS = re.compile(rb">\s+<")
_COMMENT_COUNT = re.compile(
    rb"<slash:comments>\s{0,9}\d{0,9}\s{0,9}</slash:comments>|<thr:total>\s{0,9}\d{0,9}\s{0,9}</thr:total>"
)
"""Numbers of comments, which do not change the article."""
_IMAGE = re.compile(
    rb"<img\b[^<>]{0,4000}>|&lt;img\b(?:[^<&]|&(?!lt;|gt;)){0,4000}&gt;", re.IGNORECASE
)
"""Images are not read; tracking pixels have another URL each time."""


def stable_digest(content: bytes) -> str:
    """Return a SHA-256 digest, in hexadecimal, of a feed's relevant content.

    It covers the text from the first entry on for XML, the link targets for HTML, and everything
    but white space for anything else. Build times, comments and images are ignored.
    """
    return hashlib.sha256(_stable_content(content)).hexdigest()


def _stable_content(content: bytes) -> bytes:
    head = content[:_HEAD_SIZE].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"{", b"[")):
        return b"".join(content.split())
    if _HTML_START.search(head):
        hrefs = (
            double_quoted or single_quoted
            for double_quoted, single_quoted in _HREF.findall(content)
        )
        return b"\n".join(hrefs)
    first = _ENTRY_START.search(content) or _SITEMAP_START.search(content)
    if first is None:
        return b"".join(content.split())
    entries = strip_comments(content[first.start() :])
    entries = _COMMENT_COUNT.sub(b"", _IMAGE.sub(b"", entries))
    return _SPACE_BETWEEN_TAGS.sub(b"><", entries).strip()


def strip_comments(content: bytes) -> bytes:
    """Return markup without its comments; an unterminated comment is left."""
    parts = []
    start = 0
    while (comment_start := content.find(b"<!--", start)) >= 0:
        end = content.find(b"-->", comment_start + 4)
        if end < 0:
            break
        parts.append(content[start:comment_start])
        start = end + 3
    return b"".join((*parts, content[start:]))
