"""Whether a feed has changed, told without reading it."""

from __future__ import annotations

import hashlib
import re

_BEGINNING = 3_000
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:[\w-]{1,20}:)?(?:item|entry)\b", re.IGNORECASE)
_ADDRESS = re.compile(rb"<(?:[\w-]{1,20}:)?(?:url|sitemap)\b", re.IGNORECASE)
_HREF = re.compile(
    rb"""\bhref\s{0,9}=\s{0,9}(?:"([^"<>]{0,4000})"|'([^'<>]{0,4000})')""", re.IGNORECASE
)
_BETWEEN = re.compile(rb">\s+<")
_COUNTED = re.compile(
    rb"<slash:comments>\s{0,9}\d{0,9}\s{0,9}</slash:comments>|<thr:total>\s{0,9}\d{0,9}\s{0,9}</thr:total>"
)
"""How many have commented, which says nothing of the article."""
_PICTURE = re.compile(
    rb"<img\b[^<>]{0,4000}>|&lt;img\b(?:[^<&]|&(?!lt;|gt;)){0,4000}&gt;", re.IGNORECASE
)
"""Pictures are not read; those that count readers have another address each time."""


def stable_digest(content: bytes) -> str:
    """Return a digest of what of a feed matters: not when it was made, comments, white space.

    It is SHA-256, in hexadecimal. Of XML that is what stands from the first entry on, of a page
    the addresses in it, of anything else all but white space.
    """
    return hashlib.sha256(_what_matters(content)).hexdigest()


def _what_matters(content: bytes) -> bytes:
    beginning = content[:_BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith((b"{", b"[")):
        return b"".join(content.split())
    if _PAGE.search(beginning):
        hrefs = (one or other for one, other in _HREF.findall(content))
        return b"\n".join(hrefs)
    first = _ENTRY.search(content) or _ADDRESS.search(content)
    if first is None:
        return b"".join(content.split())
    entries = without_comments(content[first.start() :])
    entries = _COUNTED.sub(b"", _PICTURE.sub(b"", entries))
    return _BETWEEN.sub(b"><", entries).strip()


def without_comments(content: bytes) -> bytes:
    """Return markup without its comments; one that does not end is left."""
    kept = []
    start = 0
    while (begin := content.find(b"<!--", start)) >= 0:
        end = content.find(b"-->", begin + 4)
        if end < 0:
            break
        kept.append(content[start:begin])
        start = end + 3
    return b"".join((*kept, content[start:]))
