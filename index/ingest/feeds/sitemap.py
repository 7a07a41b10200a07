"""Read sitemaps (sitemaps.org), with Google's news extension, and plain text lists of URLs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_builder import (
    EntryBuilder,
    RawEntry,
    absolute_url,
    build_lenient,
    parse_entry_date,
    parse_language_tag,
    sort_instant,
)
from index.ingest.feeds.entry_text import clean_line
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedKind
from index.ingest.html.dom import limit_tag_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:[\w-]{1,20}:)?(?:url|sitemap)\s{0,9}>", re.IGNORECASE)
_ENTRY_END = re.compile(
    r"</(?:[\w-]{1,20}:)?(?:url|sitemap|urlset|sitemapindex)\s{0,9}>", re.IGNORECASE
)
_NEWS_NAME = re.compile(r"news|latest|recent|akhbar|actualites|أخبار", re.IGNORECASE)


def read_sitemap(text: str, hints: DocumentHints) -> Feed:
    """Return a sitemap's URLs as entries, or a sitemap index's URLs as `parts`.

    A truncated sitemap yields its complete URLs. Raises what lxml raises.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    text = limit_tag_attributes(_DECLARATION.sub("", _drop_broken_end(text)))
    root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    if root is None:
        return Feed(kind=FeedKind.SITEMAP)
    urls: list[dict[str, str]] = []
    parts: list[dict[str, str]] = []
    for element in root.iter():
        name = _local_name(element)
        if name == "url" and len(urls) < MAX_ENTRIES:
            urls.append(_child_texts(element))
        elif name == "sitemap" and len(parts) < MAX_ENTRIES:
            parts.append(_child_texts(element))
    return _build_feed(urls, parts, hints)


def read_address_list(text: str, hints: DocumentHints) -> Feed | None:
    """Return the URLs of a plain text sitemap, one per line.

    Returns None if less than 90 % of the lines are URLs.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    addresses = [address for line in lines[:MAX_ENTRIES] if (address := absolute_url(line))]
    if not addresses or 10 * len(addresses) < 9 * min(len(lines), MAX_ENTRIES):
        return None
    return _build_feed([{"loc": address} for address in addresses], [], hints)


def _build_feed(
    urls: list[dict[str, str]], parts: list[dict[str, str]], hints: DocumentHints
) -> Feed:
    builder = EntryBuilder(hints)
    for fields in urls:
        builder.add(
            RawEntry(
                url=absolute_url(fields.get("loc"), hints.url),
                title=fields.get("title"),
                published=fields.get("publication_date"),
                updated=fields.get("lastmod"),
            )
        )
    languages = {parse_language_tag(fields.get("language")) for fields in urls} - {None}
    names = {clean_line(fields.get("name")) for fields in urls} - {None}
    feed_fields = {
        "kind": FeedKind.SITEMAP,
        "title": names.pop() if len(names) == 1 else None,
        "language": languages.pop() if len(languages) == 1 else None,
        "entries": builder.entries(use_update_dates=True),
        "parts": _order_parts(parts, hints),
    }
    feed: Feed = build_lenient(Feed, feed_fields)
    return feed


def _order_parts(parts: list[dict[str, str]], hints: DocumentHints) -> tuple[str, ...]:
    """Return the URLs of a sitemap index's parts, those likely to have the newest entries first.

    Dated parts are sorted newest first. An undated part comes before them if its name suggests
    news, otherwise after them, the last listed first.
    """
    keyed = []
    for index, part in enumerate(parts):
        if not (address := absolute_url(part.get("loc"), hints.url)):
            continue
        entry_date = parse_entry_date(RawEntry(updated=part.get("lastmod")), hints.now)
        changed_at: datetime | None = (
            sort_instant(entry_date.published) if entry_date.published else None
        )
        is_news = bool(_NEWS_NAME.search(address.rpartition("/")[2]))
        rank = 2 if changed_at is None and is_news else 1 if changed_at else 0
        keyed.append((rank, changed_at.timestamp() if changed_at else 0.0, is_news, index, address))
    return tuple(dict.fromkeys(entry[-1] for entry in sorted(keyed, reverse=True)))


def _drop_broken_end(text: str) -> str:
    starts = [match.start() for match in _ENTRY_START.finditer(text)]
    return text[: starts[-1]] if starts and not _ENTRY_END.search(text, starts[-1]) else text


def _child_texts(element: _Element) -> dict[str, str]:
    """Return the texts of an element's relevant children, by local name."""
    texts: dict[str, str] = {}
    for child in _relevant_children(element):
        if child.text and child.text.strip():
            texts.setdefault(_local_name(child), child.text.strip())
    return texts


def _relevant_children(element: _Element) -> Iterator[_Element]:
    for child in element:
        name = _local_name(child)
        if name in ("news", "publication"):
            yield from _relevant_children(child)
        elif name in ("loc", "lastmod", "publication_date", "title", "name", "language"):
            yield child


def _local_name(element: _Element) -> str:
    return (
        element.tag.rpartition("}")[2].rpartition(":")[2].lower()
        if isinstance(element.tag, str)
        else ""
    )
