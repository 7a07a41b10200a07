"""A page of a site: the feeds that it names, and the articles that it lists."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_builder import absolute, language_tag, valid
from index.ingest.feeds.entry_text import line_of
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedEntry, FeedKind
from index.ingest.html.dom import MAX_ELEMENTS, tree_of
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MIN_LINKS = 5
"""A page with fewer links to articles lists none."""
_MIN_WORDS = 4
_MIN_LETTERS = 25
_MAX_TITLE_LENGTH = 300
_LEVELS = 4
"""How far above a link its heading may stand."""
_FEED_TYPES = re.compile(
    r"\s*application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json)\s*(?:;.*)?|\s*text/xml\s*(?:;.*)?",
    re.IGNORECASE,
)
_NO_FEED = re.compile(r"/wp-json/|oembed", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss2?|atom|rdf|rss[-_.]?feeds?)(?:/|$|\.(?:xml|php|aspx?|json)$)"
    r"|\.(?:rss|atom|rdf|xml)$|(?:^|/)feed\.json$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type)=(?:rss2?|atom|rdf|feed)(?:&|$)", re.IGNORECASE
)
_FEED_TEXT = re.compile(r"(?:rss|atom|خلاصات|خدمة rss|flux rss|rss feed)", re.IGNORECASE)
_COMMENTS = re.compile(r"/comments?/|comments?[-_]?feed|comments|commentaires|تعليق", re.IGNORECASE)
_NOT_ARTICLES = re.compile(
    r"(?:tags?|categor(?:y|ies|ie)|cat|authors?|auteurs?|users?|profile|members?|pages?|search"
    r"|recherche|labels?|topics?|keywords?|archives?|login|logout|register|signin|signup|subscribe"
    r"|newsletters?|account|cart|privacy(?:-?policy)?|terms(?:-[\w-]{1,40})?|cookies?(?:-policy)?"
    r"|about(?:-?us)?|contact(?:-?us)?|advertise|sitemap|feeds?|rss|wp-(?:admin|login|content|json)[\w.]*"
    r"|mentions-legales|qui-sommes-nous|share|print|comments?|cdn-cgi"
    r"|وسوم|وسم|تصنيف|قسم|كاتب|كتاب|صفحة|بحث|سياسة-الخصوصية|من-نحن|اتصل-بنا)",
    re.IGNORECASE,
)
"""A part of a path that leads to what is no article."""
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|mp[34]|m4a|avi|mov|pdf|docx?|xlsx?|pptx?|zip|rar|css|js|ico|xml)$",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|mega-?menu|breadcrumbs?|pagination|pager"
    r"|footer|copyright|cookie|social|share|login)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Classes and ids of what stands around the contents of a page."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class _Link(NamedTuple):
    address: str
    title: str
    in_heading: bool


def read_list(text: str, given: DocumentHints) -> Feed | None:
    """Return what a page names and lists, or None where that is neither a feed nor articles.

    Raises `SourceRejected` (too complex), and what lxml raises.
    """
    tree = tree_of(text)
    if tree is None:
        return None
    for number, _ in enumerate(tree.iter(), 1):
        if number > MAX_ELEMENTS:
            raise SourceRejected(
                RejectReason.TOO_COMPLEX,
                f"the page has more than {MAX_ELEMENTS:,} elements",
                "Name the site's feed, or another page that lists its articles",
            )
    base = absolute(next((one.get("href") for one in tree.iter("base")), None), given.url)
    base = base or given.url
    feeds = tuple(dict.fromkeys(_feeds(tree, base)))
    entries = tuple(_entries(tree, base, given.url or base))
    if len(entries) < MIN_LINKS:
        entries = ()
    if not feeds and not entries:
        return None
    facts = {
        "kind": FeedKind.LIST,
        "title": line_of(tree.findtext(".//title")),
        "language": language_tag(tree.get("lang")),
        "page": given.url,
        "entries": entries[:MAX_ENTRIES],
        "feeds": feeds,
    }
    feed: Feed = valid(Feed, facts)
    return feed


def _feeds(tree: HtmlElement, base: str | None) -> Iterator[str]:
    for link in tree.iter("link"):
        href = absolute(link.get("href"), base)
        if (
            href
            and "alternate" in (link.get("rel") or "").lower().split()
            and _FEED_TYPES.fullmatch(link.get("type") or "")
            and not _NO_FEED.search(href)
            and not _COMMENTS.search(f"{unquote(href)} {link.get('title') or ''}")
        ):
            yield href
    for link in tree.iter("a"):
        href = absolute(link.get("href"), base)
        if href and _is_to_a_feed(link, href, base) and not _COMMENTS.search(unquote(href)):
            yield href


def _is_to_a_feed(link: HtmlElement, href: str, base: str | None) -> bool:
    parts = urlsplit(href)
    if not _is_of_site(href, base) and not re.search(r"feed|rss", parts.hostname or ""):
        return False
    named = _FEED_TEXT.fullmatch(_own_text(link) or (link.get("title") or "").strip())
    return bool(named or _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _entries(tree: HtmlElement, base: str | None, page: str | None) -> list[FeedEntry]:
    """Return the articles that a page links to, each once, in the order of the page."""
    around: dict[HtmlElement, bool] = {}
    cards: dict[HtmlElement, list[HtmlElement]] = {}
    found: dict[str, _Link] = {}
    own = canonical(page or "")
    for link in tree.iter("a"):
        address = absolute((link.get("href") or "").partition("#")[0], base)
        if not address or not _can_be_article(address, base) or _is_around(link, around):
            continue
        key = canonical(address)
        if key == own:
            continue
        title, in_heading = _title(link, cards)
        known = found.get(key)
        if known is None or (in_heading, len(title)) > (known.in_heading, len(known.title)):
            found[key] = _Link(known.address if known else address, title, in_heading)
    entries = [
        valid(FeedEntry, {"url": link.address, "title": link.title})
        for link in found.values()
        if _is_title(link.title)
    ]
    return [entry for entry in entries if entry.url]


def _can_be_article(address: str, base: str | None) -> bool:
    parts = urlsplit(address)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    return bool(
        (segments or parts.query)
        and _is_of_site(address, base)
        and not _FILE.search(path)
        and not any(_NOT_ARTICLES.fullmatch(segment) for segment in segments)
        and not _FEED_QUERY.search(parts.query)
    )


def _is_of_site(address: str, base: str | None) -> bool:
    """Say whether two addresses are under one registered domain."""
    if base is None:
        return True
    return _site(urlsplit(address).hostname) == _site(urlsplit(base).hostname)


def _site(host: str | None) -> str:
    from courlan import extract_domain

    return extract_domain(f"https://{host}/") or host or ""


def _is_around(link: HtmlElement, known: dict[HtmlElement, bool]) -> bool:
    """Say whether a link stands in a menu, a footer or their like, and not in an article's card."""
    path = []
    answer = False
    for element in link.iterancestors():
        if element in known:
            answer = known[element]
            break
        path.append(element)
        if element.tag in ("article", "main", "body"):
            break
        role = element.get("role") or ""
        if element.tag in ("nav", "footer") or role in ("navigation", "menu", "contentinfo"):
            answer = True
            break
        if _AROUND.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:500]):
            answer = True
            break
    for element in path:
        known[element] = answer
    return answer


def _title(link: HtmlElement, cards: dict[HtmlElement, list[HtmlElement]]) -> tuple[str, bool]:
    """Return what a link says it leads to, and whether a heading says it."""
    for inner in link.iter(*_HEADINGS):
        if text := _own_text(inner):
            return text, True
    text = _own_text(link)
    if any(above.tag in _HEADINGS for above in link.iterancestors()):
        return text, True
    if _is_title(text):
        return text, False
    if _is_title(said := line_of(link.get("title")) or ""):
        return said, False
    return _heading_beside(link, cards) or text, False


def _heading_beside(link: HtmlElement, cards: dict[HtmlElement, list[HtmlElement]]) -> str | None:
    """Return the one heading of the smallest card that a link stands in."""
    for level, above in enumerate(link.iterancestors()):
        if level >= _LEVELS or above.tag in ("body", "main", "html"):
            return None
        if above not in cards:
            cards[above] = list(islice(above.iter(*_HEADINGS), 2))
        if headings := cards[above]:
            return _own_text(headings[0]) if len(headings) == 1 else None
    return None


def _own_text(element: HtmlElement) -> str:
    parts = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > 10 * _MAX_TITLE_LENGTH:
            break
    return line_of(" ".join(parts)) or ""


def _is_title(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return len(text) <= _MAX_TITLE_LENGTH and (
        (len(text.split()) >= _MIN_WORDS and letters > 8) or letters >= _MIN_LETTERS
    )
