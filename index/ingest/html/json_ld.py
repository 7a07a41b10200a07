"""What a page says of its article in JSON-LD (schema.org), as search engines read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from index.text.normalise import fold
from index.text.spans import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LARGEST = 1_000_000
"""A script of more characters is passed over."""
_MAX_NODES = 5_000
_DEEPEST = 12
_OF_OTHERS = words(
    "itemListElement hasPart mentions comment review citation liveBlogUpdate isPartOf "
    "relatedLink significantLink isRelatedTo subjectOf video image potentialAction"
)
"""Where other articles than the page's own stand."""
_ARTICLES = ("article", "blogposting", "report", "newsitem", "liveblogposting")
_WRAPPING = re.compile(r"^\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://)?\s*(?:-->|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",\s{0,99}(?=[}\]])")


class JsonLdArticle(NamedTuple):
    """An article as JSON-LD has it; what it leaves out is None or empty."""

    headline: str | None = None
    published: str | None = None
    created: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    language: str | None = None
    body: str | None = None


def linked_article(tree: HtmlElement, title: str | None) -> JsonLdArticle | None:
    """Return the article that the page is about: the one with its title, or else the first."""
    roots = list(_scripts(tree))
    named = {
        node["@id"]: node
        for node in _nodes(roots, everything=True)
        if isinstance(node.get("@id"), str) and len(node) > 1
    }
    found = [_article(node, named) for node in _nodes(roots) if _is_article(node)]
    wanted = fold(title or "")
    same = [one for one in found if one.headline and fold(one.headline) in wanted]
    return next(iter(same or found), None)


def _scripts(tree: HtmlElement) -> Iterator[Any]:
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        source = script.text or ""
        if "ld+json" not in kind or len(source) > _LARGEST:
            continue
        source = _WRAPPING.sub("", source)
        for attempt in (source, _TRAILING_COMMA.sub("", source)):
            try:
                yield json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
            break


def _nodes(roots: list[Any], *, everything: bool = False) -> list[dict[str, Any]]:
    """Return the objects in order, those of other articles only where `everything` is wanted."""
    found: list[dict[str, Any]] = []
    waiting: list[tuple[Any, int]] = [(root, 0) for root in reversed(roots)]
    while waiting and len(found) < _MAX_NODES:
        value, depth = waiting.pop()
        inner: list[Any] = []
        if isinstance(value, dict):
            found.append(value)
            inner = [part for key, part in value.items() if everything or key not in _OF_OTHERS]
        elif isinstance(value, list):
            inner = value[:_MAX_NODES]
        if depth < _DEEPEST:
            waiting += [(part, depth + 1) for part in reversed(inner)]
    return found


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.lower().endswith(_ARTICLES) for kind in kinds)


def _article(node: dict[str, Any], named: dict[str, dict[str, Any]]) -> JsonLdArticle:
    return JsonLdArticle(
        headline=_words(node.get("headline")) or _words(node.get("name")),
        published=_words(node.get("datePublished")),
        created=_words(node.get("dateCreated")),
        modified=_words(node.get("dateModified")),
        authors=tuple(_names(node.get("author") or node.get("creator"), named)),
        publisher=next(iter(_names(node.get("publisher"), named)), None),
        language=_words(node.get("inLanguage")),
        body=_words(node.get("articleBody")),
    )


def _words(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return (value.strip() or None) if isinstance(value, str) else None


def _names(value: Any, named: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Give the names of people or publishers: strings, objects, or references to objects."""
    for one in value if isinstance(value, list) else [value]:
        node = one
        if isinstance(one, dict) and not one.get("name"):
            reference = one.get("@id")
            node = named.get(reference, one) if isinstance(reference, str) else one
        name = _words(node.get("name") if isinstance(node, dict) else node)
        if name:
            yield name
