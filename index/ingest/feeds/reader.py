"""A feed, a sitemap or a page that lists articles becomes what it says of them.

What it is is told by its content; the content type and the name count only for addresses in
plain text, which could be anything.
"""

from __future__ import annotations

import re

from index.ingest.charset import decode
from index.ingest.documents import MAX_DOCUMENT_BYTES, DocumentHints, too_large_error
from index.ingest.feeds.change_digest import strip_comments
from index.ingest.feeds.models import Feed
from index.ingest.http.decompression import Decompressor
from index.ingest.rejections import RejectReason, SourceRejected

_GZIP = b"\x1f\x8b"
_HEAD_LENGTH = 20_000
"""Within so many characters a feed begins, behind its declaration or a server's warnings."""
_ROOT = re.compile(
    r"<(?:(?P<feed>(?:[\w-]{1,20}:)?(?:rss|feed|rdf)|channel)"
    r"|(?P<sitemap>(?:[\w-]{1,20}:)?(?:urlset|sitemapindex))"
    r"|(?P<page>html|head|body|main|article))(?=[\s>/])",
    re.IGNORECASE,
)
_HTML_HINT = re.compile(r"<!doctype\s+html|<(?:a|link)\s[^<>]{0,2000}href", re.IGNORECASE)
"""What is at least markup of a page, where no element says what it is."""
_PLAIN_TEXT_HINT = re.compile(r"\btext/plain\b|\.txt(?:\.gz)?(?:$|[\s?])", re.IGNORECASE)


def read_feed(content: bytes, hints: DocumentHints) -> Feed:
    """Read a feed in this process: RSS, Atom, JSON Feed, a sitemap, or a page of HTML.

    `hints.url` is where the bytes came from. A page is a LIST of the articles that it links to, and
    names its feeds; an article has links in plenty too, so whoever asks decides what that means.
    Raises `SourceRejected`: NO_FEED for what is none of these; TOO_LARGE, TOO_COMPLEX, DAMAGED.

    Use `apart.read_feed_apart` for what strangers have made: this takes the time it takes.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise too_large_error(len(content))
    try:
        feed = _read_by_kind(decode(_decompress(content), hints.charset), hints)
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


def _decompress(content: bytes) -> bytes:
    """Return a sitemap as it was before it was packed, as far as it goes."""
    return (
        Decompressor(["gzip"], MAX_DOCUMENT_BYTES)(content)
        if content.startswith(_GZIP)
        else content
    )


def _read_by_kind(text: str, hints: DocumentHints) -> Feed | None:
    without_comments_text = strip_comments(text[: 2 * _HEAD_LENGTH].encode(errors="surrogatepass"))
    head = without_comments_text.decode(errors="surrogatepass")[:_HEAD_LENGTH].lstrip()
    if head.startswith(("{", "[")):
        from index.ingest.feeds.json_feed import read_json_feed

        return read_json_feed(text, hints)
    root = _ROOT.search(head)
    if root and root["feed"]:
        from index.ingest.feeds.rss_atom import read_rss_or_atom

        return read_rss_or_atom(text, hints)
    if root and root["sitemap"]:
        from index.ingest.feeds.sitemap import read_sitemap

        return read_sitemap(text, hints)
    if root or _HTML_HINT.search(head):
        from index.ingest.feeds.html_listing import read_html_listing

        return read_html_listing(text, hints)
    if _PLAIN_TEXT_HINT.search(f"{hints.content_type or ''} {hints.name or ''} {hints.url or ''}"):
        from index.ingest.feeds.sitemap import read_address_list

        return read_address_list(text, hints)
    return None
