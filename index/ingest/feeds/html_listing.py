"""Read a site's HTML page as a feed: the feeds it declares and the articles it links to."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_builder import absolute_url, build_lenient, parse_language_tag
from index.ingest.feeds.entry_text import clean_line
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedEntry, FeedKind
from index.ingest.html.dom import MAX_ELEMENTS, parse_html
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import canonicalise_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MIN_LINKS = 5
"""A page with fewer article links is not a listing."""
_MIN_WORDS = 4
_MIN_LETTERS = 25
_MAX_TITLE_LENGTH = 300
_MAX_CARD_LEVELS = 4
"""How many levels above a link its heading is searched."""
_FEED_TYPES = re.compile(
    r"\s*application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json)\s*(?:;.*)?|\s*text/xml\s*(?:;.*)?",
    re.IGNORECASE,
)
_NOT_A_FEED = re.compile(r"/wp-json/|oembed", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss2?|atom|rdf|rss[-_.]?feeds?)(?:/|$|\.(?:xml|php|aspx?|json)$)"
    r"|\.(?:rss|atom|rdf|xml)$|(?:^|/)feed\.json$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type)=(?:rss2?|atom|rdf|feed)(?:&|$)", re.IGNORECASE
)
_FEED_TEXT = re.compile(r"(?:rss|atom|خلاصات|خدمة rss|flux rss|rss feed)", re.IGNORECASE)
_COMMENTS_FEED = re.compile(
    r"/comments?/|comments?[-_]?feed|comments|commentaires|تعليق", re.IGNORECASE
)
_NOT_ARTICLE_SEGMENT = re.compile(
    r"(?:tags?|categor(?:y|ies|ie)|cat|authors?|auteurs?|users?|profile|members?|pages?|search"
    r"|recherche|labels?|topics?|keywords?|archives?|login|logout|register|signin|signup|subscribe"
    r"|newsletters?|account|cart|privacy(?:-?policy)?|terms(?:-[\w-]{1,40})?|cookies?(?:-policy)?"
    r"|about(?:-?us)?|contact(?:-?us)?|advertise|sitemap|feeds?|rss|wp-(?:admin|login|content|json)[\w.]*"
    r"|mentions-legales|qui-sommes-nous|share|print|comments?|cdn-cgi"
    r"|وسوم|وسم|تصنيف|قسم|كاتب|كتاب|صفحة|بحث|سياسة-الخصوصية|من-نحن|اتصل-بنا)",
    re.IGNORECASE,
)
"""A path segment of pages that are not articles."""
_FILE_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|mp[34]|m4a|avi|mov|pdf|docx?|xlsx?|pptx?|zip|rar|css|js|ico|xml)$",
    re.IGNORECASE,
)
_PAGE_CHROME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|mega-?menu|breadcrumbs?|pagination|pager"
    r"|footer|copyright|cookie|social|share|login)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Classes and ids of the navigation around a page's content."""
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class _Link(NamedTuple):
    url: str
    title: str
    in_heading: bool


def read_html_listing(text: str, hints: DocumentHints) -> Feed | None:
    """Return the feeds and articles that a page links to, or None if there are neither.

    Raises `SourceRejected` (TOO_COMPLEX) for too many elements, and what lxml raises.
    """
    tree = parse_html(text)
    if tree is None:
        return None
    for count, _ in enumerate(tree.iter(), 1):
        if count > MAX_ELEMENTS:
            raise SourceRejected(
                RejectReason.TOO_COMPLEX,
                f"the page has more than {MAX_ELEMENTS:,} elements",
                "Name the site's feed, or another page that lists its articles",
            )
    base = absolute_url(
        next((element.get("href") for element in tree.iter("base")), None), hints.url
    )
    base = base or hints.url
    feeds = tuple(dict.fromkeys(_find_feeds(tree, base)))
    entries = tuple(_find_entries(tree, base, hints.url or base))
    if len(entries) < MIN_LINKS:
        entries = ()
    if not feeds and not entries:
        return None
    fields = {
        "kind": FeedKind.LIST,
        "title": clean_line(tree.findtext(".//title")),
        "language": parse_language_tag(tree.get("lang")),
        "page": hints.url,
        "entries": entries[:MAX_ENTRIES],
        "feeds": feeds,
    }
    feed: Feed = build_lenient(Feed, fields)
    return feed


def _find_feeds(tree: HtmlElement, base: str | None) -> Iterator[str]:
    for link in tree.iter("link"):
        href = absolute_url(link.get("href"), base)
        if (
            href
            and "alternate" in (link.get("rel") or "").lower().split()
            and _FEED_TYPES.fullmatch(link.get("type") or "")
            and not _NOT_A_FEED.search(href)
            and not _COMMENTS_FEED.search(f"{unquote(href)} {link.get('title') or ''}")
        ):
            yield href
    for link in tree.iter("a"):
        href = absolute_url(link.get("href"), base)
        if href and _links_to_feed(link, href, base) and not _COMMENTS_FEED.search(unquote(href)):
            yield href


def _links_to_feed(link: HtmlElement, href: str, base: str | None) -> bool:
    parts = urlsplit(href)
    if not _is_same_site(href, base) and not re.search(r"feed|rss", parts.hostname or ""):
        return False
    is_labelled = _FEED_TEXT.fullmatch(_own_text(link) or (link.get("title") or "").strip())
    return bool(is_labelled or _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _find_entries(tree: HtmlElement, base: str | None, page: str | None) -> list[FeedEntry]:
    """Return the articles that a page links to, without duplicates, in page order."""
    chrome_cache: dict[HtmlElement, bool] = {}
    headings_cache: dict[HtmlElement, list[HtmlElement]] = {}
    links_by_url: dict[str, _Link] = {}
    page_key = canonicalise_url(page or "")
    for link in tree.iter("a"):
        url = absolute_url((link.get("href") or "").partition("#")[0], base)
        if not url or not _can_be_article(url, base) or _is_page_chrome(link, chrome_cache):
            continue
        key = canonicalise_url(url)
        if key == page_key:
            continue
        title, in_heading = _find_title(link, headings_cache)
        known_link = links_by_url.get(key)
        if known_link is None or (in_heading, len(title)) > (
            known_link.in_heading,
            len(known_link.title),
        ):
            links_by_url[key] = _Link(known_link.url if known_link else url, title, in_heading)
    entries = [
        build_lenient(FeedEntry, {"url": link.url, "title": link.title})
        for link in links_by_url.values()
        if _is_title(link.title)
    ]
    return [entry for entry in entries if entry.url]


def _can_be_article(url: str, base: str | None) -> bool:
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    return bool(
        (segments or parts.query)
        and _is_same_site(url, base)
        and not _FILE_EXTENSION.search(path)
        and not any(_NOT_ARTICLE_SEGMENT.fullmatch(segment) for segment in segments)
        and not _FEED_QUERY.search(parts.query)
    )


def _is_same_site(url: str, base: str | None) -> bool:
    """Return whether two URLs have the same registered domain; true without a base."""
    if base is None:
        return True
    return _registered_domain(urlsplit(url).hostname) == _registered_domain(urlsplit(base).hostname)


def _registered_domain(host: str | None) -> str:
    from courlan import extract_domain

    return extract_domain(f"https://{host}/") or host or ""


def _is_page_chrome(link: HtmlElement, cache: dict[HtmlElement, bool]) -> bool:
    """Return whether a link is in a menu, footer or the like, and not in an article's card."""
    path = []
    is_chrome = False
    for element in link.iterancestors():
        if element in cache:
            is_chrome = cache[element]
            break
        path.append(element)
        if element.tag in ("article", "main", "body"):
            break
        role = element.get("role") or ""
        if element.tag in ("nav", "footer") or role in ("navigation", "menu", "contentinfo"):
            is_chrome = True
            break
        if _PAGE_CHROME.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:500]):
            is_chrome = True
            break
    for element in path:
        cache[element] = is_chrome
    return is_chrome


def _find_title(
    link: HtmlElement, headings_cache: dict[HtmlElement, list[HtmlElement]]
) -> tuple[str, bool]:
    """Return a link's title, and whether the title is in a heading."""
    for heading in link.iter(*_HEADING_TAGS):
        if text := _own_text(heading):
            return text, True
    text = _own_text(link)
    if any(ancestor.tag in _HEADING_TAGS for ancestor in link.iterancestors()):
        return text, True
    if _is_title(text):
        return text, False
    if _is_title(title := clean_line(link.get("title")) or ""):
        return title, False
    return _card_heading(link, headings_cache) or text, False


def _card_heading(
    link: HtmlElement, headings_cache: dict[HtmlElement, list[HtmlElement]]
) -> str | None:
    """Return the heading of the smallest element around a link that has just one, or None."""
    for level, ancestor in enumerate(link.iterancestors()):
        if level >= _MAX_CARD_LEVELS or ancestor.tag in ("body", "main", "html"):
            return None
        if ancestor not in headings_cache:
            headings_cache[ancestor] = list(islice(ancestor.iter(*_HEADING_TAGS), 2))
        if headings := headings_cache[ancestor]:
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
    return clean_line(" ".join(parts)) or ""


def _is_title(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return len(text) <= _MAX_TITLE_LENGTH and (
        (len(text.split()) >= _MIN_WORDS and letters > 8) or letters >= _MIN_LETTERS
    )
