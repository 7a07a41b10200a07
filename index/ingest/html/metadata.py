"""What a page says of itself: title, source, author, address and language of its article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from index.ingest.charset import printable
from index.ingest.html.dom import VisibleLine, lines_of
from index.ingest.html.json_ld import JsonLdArticle, linked_article
from index.text.boilerplate import BoilerplateRules
from index.text.language import language_of, primary
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_META_ELEMENTS = 500
_MAX_VALUE_LENGTH = 500
_MAX_NAME_LENGTH = 80
"""Of an author or a source; what is longer is a sentence."""
_SEPARATOR = re.compile(r"\s+[|–—·•»«:-]{1,2}\s+|\s*[|»]\s*|\s+::\s+")
_ADDRESS = re.compile(r"https?://|www\.|@|\.(?:com|net|org|ly|php|html?)\b", re.IGNORECASE)
_MAX_SITE_NAME_LENGTH = 40
_BETWEEN = " |–—·•»«:-"
"""Signs between a headline and its site's name, in a page's title."""
_SHORT = 12
"""A heading of fewer characters is a section's."""
_HOST_PREFIXES = ("www.", "m.", "mobile.", "amp.")
BY = re.compile(
    r"^\s*(?:by|written by|posted by|par|rédigé par|بقلم|كتب|كتبت|كتبه|بواسطة|الكاتب|إعداد|مقدم من)"
    r"(?:\s+بواسطة)?(?:\s*/\s*|\s*:\s*|\s+)",
    re.IGNORECASE,
)
"""What stands before an author's name."""


class ParsedPage(NamedTuple):
    """A page's tree with what it says of itself.

    `meta` has lists of contents by lower-case name.
    """

    tree: HtmlElement
    url: str | None
    meta: dict[str, list[str]]
    article: JsonLdArticle | None
    lines: tuple[VisibleLine, ...]
    """The lines that a reader sees."""
    shown: frozenset[str]
    """The same, folded."""

    def said(self, *names: str) -> str | None:
        """Return the first content of the first name that has one."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


class PageMetadata(NamedTuple):
    """What is known of an article beside its text and date."""

    title: str | None
    source: str | None
    author: str | None
    url: str | None


def page_of(tree: HtmlElement, url: str | None) -> ParsedPage:
    """Gather what a page says of itself in its head."""
    meta = _metas(tree)
    title = next(iter(meta.get("og:title", [])), None) or _text(tree.find(".//title"))
    article = linked_article(tree, title)
    lines = tuple(lines_of(tree))
    shown = frozenset(fold(line.text) for line in lines)
    return ParsedPage(tree, _own_address(tree, meta, url), meta, article, lines, shown)


def facts_of(page: ParsedPage, rules: BoilerplateRules) -> PageMetadata:
    """Return title, source, author and address, each from where it is said best."""
    source, in_title = _source(page)
    title = _title(page, in_title or source)
    return PageMetadata(title, source, _author(page, source, rules), page.url)


def language_of_page(page: ParsedPage, text: str) -> str | None:
    """Return the language that the page names, where the text is of no other."""
    named = page.tree.get("lang") or page.said("og:locale", "content-language", "language")
    named = re.sub(r"[_\s,;].*", "", named or (page.article and page.article.language) or "")
    read = language_of(text)
    if read and primary(named.lower()) != read:
        return read
    return primary(named.lower()) if re.fullmatch(r"[A-Za-z]{2,3}(-\w+)*", named) else read


def clean(value: str | None) -> str | None:
    """Return a fact on one line without control characters, or None where it has no words."""
    line = " ".join(printable(value or "").split())[:_MAX_VALUE_LENGTH].strip()
    return line if any(char.isalnum() for char in line) else None


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, meta in enumerate(tree.iter("meta")):
        if number >= _MAX_META_ELEMENTS:
            break
        content = clean(meta.get("content"))
        for key in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := meta.get(key)):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _own_address(tree: HtmlElement, meta: dict[str, list[str]], url: str | None) -> str | None:
    """Return the address the page gives itself, where it is of the same site; else `url`."""
    canonical: str | None = next(
        (link.get("href") for link in tree.iter("link") if "canonical" in _rel(link)), None
    )
    for found in filter(None, (canonical, *meta.get("og:url", [])[:1])):
        try:
            address = urljoin(url or "", found.strip())
            if not url or _site(address) == _site(url):
                path = urlsplit(address).path.strip("/")
                if _site(address) and (path or not url or not urlsplit(url).path.strip("/")):
                    return address
        except ValueError:
            continue
    return url


def _rel(element: HtmlElement) -> list[str]:
    return (element.get("rel") or "").lower().split()


def _site(url: str) -> str:
    """Return the host without its "www." or "m."; "" for what is no web address."""
    parts = urlsplit(url)
    host = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    for prefix in _HOST_PREFIXES:
        host = host.removeprefix(prefix)
    return host


def _text(element: HtmlElement | None) -> str | None:
    return None if element is None else clean(" ".join(element.itertext()))


def _title(page: ParsedPage, source: str | None) -> str | None:
    said = page.article and page.article.headline
    whole = _text(page.tree.find(".//title"))
    named = [clean(page.said("og:title")), clean(said), clean(page.said("twitter:title")), whole]
    given = next((_without_source(one, source) for one in named if one), None)
    printed = [text for h1 in page.tree.iter("h1") if (text := _text(h1))]
    wanted = set(fold(f"{given or ''} {whole or ''}").split())
    for text in printed:
        said_in_it = fold(text).split()
        known = sum(word in wanted for word in said_in_it)
        is_site = fold(text) == fold(source or "")
        if len(text) > _SHORT and known >= 0.6 * len(said_in_it) and not is_site:
            return text
    if given and given == whole and (heading := _heading_in(page, whole)):
        return heading
    if given and fold(given) != fold(source or ""):
        return given
    return printed[0] if len(printed) == 1 else None


def _heading_in(page: ParsedPage, whole: str) -> str | None:
    """Return the heading that the larger part of the page's title is, where one is."""
    for element in page.tree.iter("h1", "h2", "h3"):
        text = _text(element)
        if text and len(text) > _SHORT and 2 * len(text) > len(whole) and text in whole:
            return text
    return None


def _without_source(title: str, source: str | None) -> str:
    """Take the site's name from the end or the beginning of a title, «… | صدى النور»."""
    parts = _SEPARATOR.split(title)
    name = fold(source or "")
    if len(parts) < 2 or not name:
        return title
    for end in (-1, 0):
        part = fold(parts[end])
        if part and (part in name or name in part) and len(part) < 2 * len(name) + 10:
            cut = title.rfind(parts[-1]) if end else title.find(parts[1])
            rest = title[:cut] if end else title[cut:]
            return rest.strip(_BETWEEN) or title
    return title


def _source(page: ParsedPage) -> tuple[str | None, str | None]:
    """Return the source, and the site's name as its titles have it, where that is another."""
    in_title = _site_in_title(page)
    publisher = page.article and page.article.publisher
    names = (page.said("og:site_name"), publisher, page.said("application-name"), in_title)
    for name in (*names, page.said("dc.publisher", "publisher")):
        found = clean(name)
        if found and len(found) <= _MAX_NAME_LENGTH and not _ADDRESS.search(found):
            return found, in_title
    return (_site(page.url) or None) if page.url else None, in_title


def _site_in_title(page: ParsedPage) -> str | None:
    """Return the short part of «headline | site» or «site: headline», its other part shown."""
    whole = _text(page.tree.find(".//title")) or ""
    if heading := _heading_in(page, whole):
        before, _, after = whole.partition(heading)
        rests = [rest.strip(_BETWEEN) for rest in (after, before) if rest.strip(_BETWEEN)]
        if len(rests) == 1 and rests[0] != whole and _could_be_a_site(rests[0], heading):
            return rests[0]
    between = list(_SEPARATOR.finditer(whole))
    if not between:
        return None
    first, last = between[0], between[-1]
    ends = (
        (whole[last.end() :], whole[: last.start()]),
        (whole[: first.start()], whole[first.end() :]),
    )
    for site, rest in ends:
        if fold(rest) in page.shown and _could_be_a_site(site, rest):
            return site
    return None


def _could_be_a_site(site: str, headline: str) -> bool:
    return len(site) <= _MAX_SITE_NAME_LENGTH and len(site) < len(headline)


def _author(page: ParsedPage, source: str | None, rules: BoilerplateRules) -> str | None:
    signed = [text for element in _signed(page.tree) if (text := _text(element))]
    for said in (
        page.article.authors if page.article else (),
        page.meta.get("author", ()),
        page.meta.get("article:author", ()),
        page.meta.get("parsely-author", ()),
        page.meta.get("dc.creator", ()),
        signed,
    ):
        names = [author_named(one, source, page.url, rules) for one in said[:5]]
        if kept := list(dict.fromkeys(name for name in names if name)):
            return ", ".join(kept)
    return None


def author_named(
    said: str, source: str | None, url: str | None, rules: BoilerplateRules
) -> str | None:
    """Return the name in what a page says of its author, or None where it is nobody's."""
    name = clean(BY.sub("", said))
    refused = {fold(one) for one in (*rules.not_an_author, source or "", _site(url or ""))}
    if (
        not name
        or fold(name) in refused
        or len(name) > _MAX_NAME_LENGTH
        or _ADDRESS.search(name)
        or not any(char.isalpha() for char in name)
    ):
        return None
    return name


def _signed(tree: HtmlElement) -> list[HtmlElement]:
    found = tree.xpath(
        "(//*[@itemprop='author'] | //a[contains(concat(' ', @rel, ' '), ' author ')]"
        " | //*[contains(concat(' ', @class, ' '), ' author-name ')]"
        " | //*[contains(concat(' ', @class, ' '), ' author ')][contains(@class, 'vcard')])"
        "[position() < 3]"
    )
    return list(found)[:1]
