"""A feed, a sitemap or a page that lists articles becomes what it says of them.

What it is is told by its content; the content type and the name count only for addresses in
plain text, which could be anything.
"""

from __future__ import annotations

import re

from index.ingest.charset import decode
from index.ingest.documents import MAX_DOCUMENT_BYTES, DocumentHints, too_large
from index.ingest.feeds.change_digest import without_comments
from index.ingest.feeds.models import Feed
from index.ingest.http.decompression import Decompressor
from index.ingest.rejections import RejectReason, SourceRejected

_GZIP = b"\x1f\x8b"
_BEGINNING = 20_000
"""Within so many characters a feed begins, behind its declaration or a server's warnings."""
_ROOT = re.compile(
    r"<(?:(?P<feed>(?:[\w-]{1,20}:)?(?:rss|feed|rdf)|channel)"
    r"|(?P<sitemap>(?:[\w-]{1,20}:)?(?:urlset|sitemapindex))"
    r"|(?P<page>html|head|body|main|article))(?=[\s>/])",
    re.IGNORECASE,
)
_LINK = re.compile(r"<!doctype\s+html|<(?:a|link)\s[^<>]{0,2000}href", re.IGNORECASE)
"""What is at least markup of a page, where no element says what it is."""
_PLAIN = re.compile(r"\btext/plain\b|\.txt(?:\.gz)?(?:$|[\s?])", re.IGNORECASE)


def read_feed(content: bytes, given: DocumentHints) -> Feed:
    """Read a feed in this process: RSS, Atom, JSON Feed, a sitemap, or a page of HTML.

    `given.url` is where the bytes came from. A page is a LIST of the articles that it links to, and
    names its feeds; an article has links in plenty too, so whoever asks decides what that means.
    Raises `SourceRejected`: NO_FEED for what is none of these; TOO_LARGE, TOO_COMPLEX, DAMAGED.

    Use `apart.read_feed_apart` for what strangers have made: this takes the time it takes.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise too_large(len(content))
    try:
        feed = _read(decode(_unpacked(content), given.charset), given)
    except SourceRejected:
        raise
    except (MemoryError, RecursionError):
        raise SourceRejected(
            RejectReason.TOO_COMPLEX,
            "the feed is nested too deeply",
            "Name another feed of the site",
        ) from None
    except Exception as error:
        # The libraries that read markup raise what they like on what was made to break them.
        raise SourceRejected(
            RejectReason.DAMAGED,
            f"the feed cannot be read ({type(error).__name__})",
            "Try again later, or name another feed of the site",
        ) from error
    if feed is None:
        raise SourceRejected(
            RejectReason.NO_FEED,
            "it is neither a feed nor a sitemap nor a page that lists articles",
            "Name the address of a feed, or of a page that lists the site's articles",
        )
    return feed


def _unpacked(content: bytes) -> bytes:
    """Return a sitemap as it was before it was packed, as far as it goes."""
    return (
        Decompressor(["gzip"], MAX_DOCUMENT_BYTES)(content)
        if content.startswith(_GZIP)
        else content
    )


def _read(text: str, given: DocumentHints) -> Feed | None:
    bare = without_comments(text[: 2 * _BEGINNING].encode(errors="surrogatepass"))
    beginning = bare.decode(errors="surrogatepass")[:_BEGINNING].lstrip()
    if beginning.startswith(("{", "[")):
        from index.ingest.feeds.json_feed import read_json

        return read_json(text, given)
    root = _ROOT.search(beginning)
    if root and root["feed"]:
        from index.ingest.feeds.rss_atom import read_xml

        return read_xml(text, given)
    if root and root["sitemap"]:
        from index.ingest.feeds.sitemap import read_sitemap

        return read_sitemap(text, given)
    if root or _LINK.search(beginning):
        from index.ingest.feeds.html_listing import read_list

        return read_list(text, given)
    if _PLAIN.search(f"{given.content_type or ''} {given.name or ''} {given.url or ''}"):
        from index.ingest.feeds.sitemap import read_address_list

        return read_address_list(text, given)
    return None
