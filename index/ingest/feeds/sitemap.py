"""Sitemaps (sitemaps.org), with Google's extension for news, become a feed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_builder import (
    EntryBuilder,
    RawEntry,
    absolute,
    date_of,
    language_tag,
    sort_instant,
    valid,
)
from index.ingest.feeds.entry_text import line_of
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedKind
from index.ingest.html.dom import with_bounded_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_BEGIN = re.compile(r"<(?:[\w-]{1,20}:)?(?:url|sitemap)\s{0,9}>", re.IGNORECASE)
_END = re.compile(r"</(?:[\w-]{1,20}:)?(?:url|sitemap|urlset|sitemapindex)\s{0,9}>", re.IGNORECASE)
_NEWS = re.compile(r"news|latest|recent|akhbar|actualites|أخبار", re.IGNORECASE)


def read_sitemap(text: str, given: DocumentHints) -> Feed:
    """Return the addresses in a sitemap, or those of its parts; of a cut one, the whole ones.

    Raises what lxml raises.
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
    text = with_bounded_tags(_DECLARATION.sub("", _without_broken_end(text)))
    root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    if root is None:
        return Feed(kind=FeedKind.SITEMAP)
    urls: list[dict[str, str]] = []
    parts: list[dict[str, str]] = []
    for element in root.iter():
        name = _name(element)
        if name == "url" and len(urls) < MAX_ENTRIES:
            urls.append(_said(element))
        elif name == "sitemap" and len(parts) < MAX_ENTRIES:
            parts.append(_said(element))
    return _feed(urls, parts, given)


def read_address_list(text: str, given: DocumentHints) -> Feed | None:
    """Return the addresses of a sitemap that is plain text, one on each line, or None."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [address for line in lines[:MAX_ENTRIES] if (address := absolute(line))]
    if not found or 10 * len(found) < 9 * min(len(lines), MAX_ENTRIES):
        return None
    return _feed([{"loc": address} for address in found], [], given)


def _feed(urls: list[dict[str, str]], parts: list[dict[str, str]], given: DocumentHints) -> Feed:
    gathering = EntryBuilder(given)
    for said in urls:
        gathering.add(
            RawEntry(
                url=absolute(said.get("loc"), given.url),
                title=said.get("title"),
                published=said.get("publication_date"),
                updated=said.get("lastmod"),
            )
        )
    languages = {language_tag(said.get("language")) for said in urls} - {None}
    names = {line_of(said.get("name")) for said in urls} - {None}
    facts = {
        "kind": FeedKind.SITEMAP,
        "title": names.pop() if len(names) == 1 else None,
        "language": languages.pop() if len(languages) == 1 else None,
        "entries": gathering.entries(changed=True),
        "parts": _parts(parts, given),
    }
    feed: Feed = valid(Feed, facts)
    return feed


def _parts(said: list[dict[str, str]], given: DocumentHints) -> tuple[str, ...]:
    """Return the addresses of a sitemap's parts, those first that are likely to have the newest.

    A part without a date goes before the dated ones where it is named after news, else behind them,
    the last one first.
    """
    keyed = []
    for place, part in enumerate(said):
        if not (address := absolute(part.get("loc"), given.url)):
            continue
        dated = date_of(RawEntry(updated=part.get("lastmod")), given.now)
        changed: datetime | None = sort_instant(dated.published) if dated.published else None
        news = bool(_NEWS.search(address.rpartition("/")[2]))
        rank = 2 if changed is None and news else 1 if changed else 0
        keyed.append((rank, changed.timestamp() if changed else 0.0, news, place, address))
    return tuple(dict.fromkeys(one[-1] for one in sorted(keyed, reverse=True)))


def _without_broken_end(text: str) -> str:
    begins = [found.start() for found in _BEGIN.finditer(text)]
    return text[: begins[-1]] if begins and not _END.search(text, begins[-1]) else text


def _said(element: _Element) -> dict[str, str]:
    """Return the texts of what is in an element, each by its name without its namespace."""
    found: dict[str, str] = {}
    for inner in _inside(element):
        if inner.text and inner.text.strip():
            found.setdefault(_name(inner), inner.text.strip())
    return found


def _inside(element: _Element) -> Iterator[_Element]:
    for child in element:
        name = _name(child)
        if name in ("news", "publication"):
            yield from _inside(child)
        elif name in ("loc", "lastmod", "publication_date", "title", "name", "language"):
            yield child


def _name(element: _Element) -> str:
    return (
        element.tag.rpartition("}")[2].rpartition(":")[2].lower()
        if isinstance(element.tag, str)
        else ""
    )
