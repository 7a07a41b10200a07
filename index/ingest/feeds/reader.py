"""Read a feed of any kind: RSS, Atom, JSON Feed, a sitemap or a page that lists articles.

The kind is detected by content; the content type and the file name matter only for a plain text
list of URLs, which has no signature.
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
"""Characters in which a feed must begin, after its declaration or a server's warnings."""
_ROOT = re.compile(
    r"<(?:(?P<feed>(?:[\w-]{1,20}:)?(?:rss|feed|rdf)|channel)"
    r"|(?P<sitemap>(?:[\w-]{1,20}:)?(?:urlset|sitemapindex))"
    r"|(?P<page>html|head|body|main|article))(?=[\s>/])",
    re.IGNORECASE,
)
_HTML_HINT = re.compile(r"<!doctype\s+html|<(?:a|link)\s[^<>]{0,2000}href", re.IGNORECASE)
"""Signs of an HTML page without a known root element."""
_PLAIN_TEXT_HINT = re.compile(r"\btext/plain\b|\.txt(?:\.gz)?(?:$|[\s?])", re.IGNORECASE)


def read_feed(content: bytes, hints: DocumentHints) -> Feed:
    """Parse a feed in this process: RSS, Atom, JSON Feed, a sitemap, or an HTML page.

    `hints.url` is the URL of the content. A page becomes a feed of kind LIST with the articles and
    feeds it links to; a page of one article has many links too, so the caller must decide whether
    it is a listing. Raises `SourceRejected`: NO_FEED if it is none of these; TOO_LARGE,
    TOO_COMPLEX, DAMAGED.

    Use `sandbox.read_feed_in_sandbox` for untrusted content: time and memory are not limited here.
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
        # Malicious markup can raise any error in the parsing libraries.
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
    """Return gzip content decompressed, as far as it is readable; other content unchanged."""
    if not content.startswith(_GZIP):
        return content
    return b"".join(Decompressor(["gzip"], MAX_DOCUMENT_BYTES).decompress(content))


def _read_by_kind(text: str, hints: DocumentHints) -> Feed | None:
    uncommented = strip_comments(text[: 2 * _HEAD_LENGTH].encode(errors="surrogatepass"))
    head = uncommented.decode(errors="surrogatepass")[:_HEAD_LENGTH].lstrip()
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
