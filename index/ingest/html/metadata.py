"""Extract title, source, author, URL and language of a page's article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from index.ingest.charset import to_printable
from index.ingest.html.dom import VisibleLine, visible_lines
from index.ingest.html.json_ld import JsonLdArticle, find_json_ld_article
from index.text.boilerplate import BoilerplateRules
from index.text.language import detect_language, primary_subtag
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_META_ELEMENTS = 500
_MAX_VALUE_LENGTH = 500
_MAX_NAME_LENGTH = 80
"""Maximum length of an author or a source; longer values are sentences."""
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·•»«:-]{1,2}\s+|\s*[|»]\s*|\s+::\s+")
_URL_OR_EMAIL = re.compile(r"https?://|www\.|@|\.(?:com|net|org|ly|php|html?)\b", re.IGNORECASE)
_MAX_SITE_NAME_LENGTH = 40
_SEPARATOR_CHARACTERS = " |–—·•»«:-"
"""Characters between a headline and the site's name in a page's title."""
_MAX_SECTION_HEADING_LENGTH = 12
"""A heading of up to so many characters is a section's."""
_HOST_PREFIXES = ("www.", "m.", "mobile.", "amp.")
BYLINE_PREFIX = re.compile(
    r"^\s*(?:by|written by|posted by|par|rédigé par|بقلم|كتب|كتبت|كتبه|بواسطة|الكاتب|إعداد|مقدم من)"
    r"(?:\s+بواسطة)?(?:\s*/\s*|\s*:\s*|\s+)",
    re.IGNORECASE,
)
"""Words before an author's name."""


class ParsedPage(NamedTuple):
    """A parsed page with its metadata; `meta` maps lower-case names to lists of contents."""

    tree: HtmlElement
    url: str | None
    meta: dict[str, list[str]]
    article: JsonLdArticle | None
    lines: tuple[VisibleLine, ...]
    """The visible lines."""
    folded_lines: frozenset[str]
    """The texts of `lines`, folded."""

    def first_meta(self, *names: str) -> str | None:
        """Return the first content of the first of `names` that the page has, or None."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


class PageMetadata(NamedTuple):
    """The metadata of an article beside its text and date."""

    title: str | None
    source: str | None
    author: str | None
    url: str | None


def parse_page(tree: HtmlElement, url: str | None) -> ParsedPage:
    """Collect the metadata, JSON-LD and visible lines of a page."""
    meta = _meta_contents(tree)
    title = next(iter(meta.get("og:title", [])), None) or _element_text(tree.find(".//title"))
    article = find_json_ld_article(tree, title)
    lines = tuple(visible_lines(tree))
    folded_lines = frozenset(fold(line.text) for line in lines)
    return ParsedPage(tree, _canonical_url(tree, meta, url), meta, article, lines, folded_lines)


def extract_metadata(page: ParsedPage, rules: BoilerplateRules) -> PageMetadata:
    """Return title, source, author and URL, each from its most reliable source."""
    source, site_in_title = _find_source(page)
    title = _find_title(page, site_in_title or source)
    return PageMetadata(title, source, _find_author(page, source, rules), page.url)


def detect_page_language(page: ParsedPage, text: str) -> str | None:
    """Return the declared language of the page, or that of `text` if another is detected."""
    declared = page.tree.get("lang") or page.first_meta("og:locale", "content-language", "language")
    declared = re.sub(r"[_\s,;].*", "", declared or (page.article and page.article.language) or "")
    detected = detect_language(text)
    if detected and primary_subtag(declared.lower()) != detected:
        return detected
    return (
        primary_subtag(declared.lower())
        if re.fullmatch(r"[A-Za-z]{2,3}(-\w+)*", declared)
        else detected
    )


def clean_line(value: str | None) -> str | None:
    """Return a fact on one line without control characters, or None where it has no words."""
    line = " ".join(to_printable(value or "").split())[:_MAX_VALUE_LENGTH].strip()
    return line if any(char.isalnum() for char in line) else None


def _meta_contents(tree: HtmlElement) -> dict[str, list[str]]:
    contents: dict[str, list[str]] = {}
    for count, meta in enumerate(tree.iter("meta")):
        if count >= _MAX_META_ELEMENTS:
            break
        content = clean_line(meta.get("content"))
        for key in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := meta.get(key)):
                contents.setdefault(name.strip().lower(), []).append(content)
    return contents


def _canonical_url(tree: HtmlElement, meta: dict[str, list[str]], url: str | None) -> str | None:
    """Return the page's canonical URL if it belongs to the same site, else `url`."""
    canonical: str | None = next(
        (link.get("href") for link in tree.iter("link") if "canonical" in _rel_values(link)), None
    )
    for candidate in filter(None, (canonical, *meta.get("og:url", [])[:1])):
        try:
            resolved_url = urljoin(url or "", candidate.strip())
            if not url or _site_host(resolved_url) == _site_host(url):
                path = urlsplit(resolved_url).path.strip("/")
                if _site_host(resolved_url) and (
                    path or not url or not urlsplit(url).path.strip("/")
                ):
                    return resolved_url
        except ValueError:
            continue
    return url


def _rel_values(element: HtmlElement) -> list[str]:
    return (element.get("rel") or "").lower().split()


def _site_host(url: str) -> str:
    """Return the host without prefixes like "www." or "m."; "" if `url` is no HTTP URL."""
    parts = urlsplit(url)
    host = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    for prefix in _HOST_PREFIXES:
        host = host.removeprefix(prefix)
    return host


def _element_text(element: HtmlElement | None) -> str | None:
    return None if element is None else clean_line(" ".join(element.itertext()))


def _find_title(page: ParsedPage, source: str | None) -> str | None:
    json_ld_headline = page.article and page.article.headline
    full_title = _element_text(page.tree.find(".//title"))
    declared_titles = [
        clean_line(page.first_meta("og:title")),
        clean_line(json_ld_headline),
        clean_line(page.first_meta("twitter:title")),
        full_title,
    ]
    title = next(
        (
            _strip_site_name(declared_title, source)
            for declared_title in declared_titles
            if declared_title
        ),
        None,
    )
    h1_texts = [text for h1 in page.tree.iter("h1") if (text := _element_text(h1))]
    title_words = set(fold(f"{title or ''} {full_title or ''}").split())
    for text in h1_texts:
        heading_words = fold(text).split()
        shared_count = sum(word in title_words for word in heading_words)
        is_site = fold(text) == fold(source or "")
        if (
            len(text) > _MAX_SECTION_HEADING_LENGTH
            and shared_count >= 0.6 * len(heading_words)
            and not is_site
        ):
            return text
    if title and title == full_title and (heading := _find_heading_in_title(page, full_title)):
        return heading
    if title and fold(title) != fold(source or ""):
        return title
    return h1_texts[0] if len(h1_texts) == 1 else None


def _find_heading_in_title(page: ParsedPage, full_title: str) -> str | None:
    """Return the heading that makes up more than half of the page's title, or None."""
    for element in page.tree.iter("h1", "h2", "h3"):
        text = _element_text(element)
        if (
            text
            and len(text) > _MAX_SECTION_HEADING_LENGTH
            and 2 * len(text) > len(full_title)
            and text in full_title
        ):
            return text
    return None


def _strip_site_name(title: str, source: str | None) -> str:
    """Remove the site's name from the end or the beginning of a title, «… | صدى النور»."""
    parts = _TITLE_SEPARATOR.split(title)
    name = fold(source or "")
    if len(parts) < 2 or not name:
        return title
    for end in (-1, 0):
        part = fold(parts[end])
        if part and (part in name or name in part) and len(part) < 2 * len(name) + 10:
            cut = title.rfind(parts[-1]) if end else title.find(parts[1])
            remaining = title[:cut] if end else title[cut:]
            return remaining.strip(_SEPARATOR_CHARACTERS) or title
    return title


def _find_source(page: ParsedPage) -> tuple[str | None, str | None]:
    """Return the source, and the site's name as it appears in the page's title."""
    site_in_title = _find_site_in_title(page)
    publisher = page.article and page.article.publisher
    names = (
        page.first_meta("og:site_name"),
        publisher,
        page.first_meta("application-name"),
        site_in_title,
    )
    for name in (*names, page.first_meta("dc.publisher", "publisher")):
        source = clean_line(name)
        if source and len(source) <= _MAX_NAME_LENGTH and not _URL_OR_EMAIL.search(source):
            return source, site_in_title
    return (_site_host(page.url) or None) if page.url else None, site_in_title


def _find_site_in_title(page: ParsedPage) -> str | None:
    """Return the site in «headline | site» or «site: headline» if the page shows the headline."""
    full_title = _element_text(page.tree.find(".//title")) or ""
    if heading := _find_heading_in_title(page, full_title):
        before, _, after = full_title.partition(heading)
        rests = [
            rest.strip(_SEPARATOR_CHARACTERS)
            for rest in (after, before)
            if rest.strip(_SEPARATOR_CHARACTERS)
        ]
        if len(rests) == 1 and rests[0] != full_title and _may_be_site_name(rests[0], heading):
            return rests[0]
    separators = list(_TITLE_SEPARATOR.finditer(full_title))
    if not separators:
        return None
    first, last = separators[0], separators[-1]
    ends = (
        (full_title[last.end() :], full_title[: last.start()]),
        (full_title[: first.start()], full_title[first.end() :]),
    )
    for site, rest in ends:
        if fold(rest) in page.folded_lines and _may_be_site_name(site, rest):
            return site
    return None


def _may_be_site_name(site: str, headline: str) -> bool:
    return len(site) <= _MAX_SITE_NAME_LENGTH and len(site) < len(headline)


def _find_author(page: ParsedPage, source: str | None, rules: BoilerplateRules) -> str | None:
    signed_names = [
        text for element in _author_elements(page.tree) if (text := _element_text(element))
    ]
    for declared_names in (
        page.article.authors if page.article else (),
        page.meta.get("author", ()),
        page.meta.get("article:author", ()),
        page.meta.get("parsely-author", ()),
        page.meta.get("dc.creator", ()),
        signed_names,
    ):
        names = [
            clean_author(declared_name, source, page.url, rules)
            for declared_name in declared_names[:5]
        ]
        if authors := list(dict.fromkeys(name for name in names if name)):
            return ", ".join(authors)
    return None


def clean_author(
    text: str, source: str | None, url: str | None, rules: BoilerplateRules
) -> str | None:
    """Return the author's name without prefixes like "by", or None if it is no person's."""
    name = clean_line(BYLINE_PREFIX.sub("", text))
    excluded_names = {
        fold(excluded_name)
        for excluded_name in (*rules.not_an_author, source or "", _site_host(url or ""))
    }
    if (
        not name
        or fold(name) in excluded_names
        or len(name) > _MAX_NAME_LENGTH
        or _URL_OR_EMAIL.search(name)
        or not any(char.isalpha() for char in name)
    ):
        return None
    return name


def _author_elements(tree: HtmlElement) -> list[HtmlElement]:
    elements = tree.xpath(
        "(//*[@itemprop='author'] | //a[contains(concat(' ', @rel, ' '), ' author ')]"
        " | //*[contains(concat(' ', @class, ' '), ' author-name ')]"
        " | //*[contains(concat(' ', @class, ' '), ' author ')][contains(@class, 'vcard')])"
        "[position() < 3]"
    )
    return list(elements)[:1]
