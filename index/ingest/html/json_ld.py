"""Read the article's metadata from a page's JSON-LD (schema.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from index.text.normalise import fold
from index.text.spans import word_set

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_SCRIPT_LENGTH = 1_000_000
"""Longer scripts are ignored."""
_MAX_NODES = 5_000
_MAX_DEPTH = 12
_OTHER_ARTICLES_KEYS = word_set(
    "itemListElement hasPart mentions comment review citation liveBlogUpdate isPartOf "
    "relatedLink significantLink isRelatedTo subjectOf video image potentialAction"
)
"""Properties whose values are other articles than the page's own."""
_ARTICLE_TYPES = ("article", "blogposting", "report", "newsitem", "liveblogposting")
_SCRIPT_WRAPPER = re.compile(r"^\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://)?\s*(?:-->|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",\s{0,99}(?=[}\]])")


class JsonLdArticle(NamedTuple):
    """The metadata of an article in JSON-LD; missing values are None or empty."""

    headline: str | None = None
    published: str | None = None
    created: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    language: str | None = None
    body: str | None = None


def find_json_ld_article(tree: HtmlElement, title: str | None) -> JsonLdArticle | None:
    """Return the page's own article: the first whose headline is in `title`, else the first."""
    roots = list(_load_scripts(tree))
    nodes_by_id = {
        node["@id"]: node
        for node in _collect_nodes(roots, include_other_articles=True)
        if isinstance(node.get("@id"), str) and len(node) > 1
    }
    articles = [
        _build_article(node, nodes_by_id) for node in _collect_nodes(roots) if _is_article(node)
    ]
    folded_title = fold(title or "")
    matching = [
        article
        for article in articles
        if article.headline and fold(article.headline) in folded_title
    ]
    return next(iter(matching or articles), None)


def _load_scripts(tree: HtmlElement) -> Iterator[Any]:
    for script in tree.iter("script"):
        script_type = (script.get("type") or "").lower()
        source = script.text or ""
        if "ld+json" not in script_type or len(source) > _MAX_SCRIPT_LENGTH:
            continue
        source = _SCRIPT_WRAPPER.sub("", source)
        for attempt in (source, _TRAILING_COMMA.sub("", source)):
            try:
                yield json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
            break


def _collect_nodes(
    roots: list[Any], *, include_other_articles: bool = False
) -> list[dict[str, Any]]:
    """Return all JSON objects in document order, at most `_MAX_NODES` of them.

    Those below `_OTHER_ARTICLES_KEYS` are included only with `include_other_articles`.
    """
    nodes: list[dict[str, Any]] = []
    stack: list[tuple[Any, int]] = [(root, 0) for root in reversed(roots)]
    while stack and len(nodes) < _MAX_NODES:
        value, depth = stack.pop()
        children: list[Any] = []
        if isinstance(value, dict):
            nodes.append(value)
            children = [
                child
                for key, child in value.items()
                if include_other_articles or key not in _OTHER_ARTICLES_KEYS
            ]
        elif isinstance(value, list):
            children = value[:_MAX_NODES]
        if depth < _MAX_DEPTH:
            stack += [(child, depth + 1) for child in reversed(children)]
    return nodes


def _is_article(node: dict[str, Any]) -> bool:
    node_types = node.get("@type")
    node_types = node_types if isinstance(node_types, list) else [node_types]
    return any(
        isinstance(node_type, str) and node_type.lower().endswith(_ARTICLE_TYPES)
        for node_type in node_types
    )


def _build_article(node: dict[str, Any], nodes_by_id: dict[str, dict[str, Any]]) -> JsonLdArticle:
    return JsonLdArticle(
        headline=_first_string(node.get("headline")) or _first_string(node.get("name")),
        published=_first_string(node.get("datePublished")),
        created=_first_string(node.get("dateCreated")),
        modified=_first_string(node.get("dateModified")),
        authors=tuple(_entity_names(node.get("author") or node.get("creator"), nodes_by_id)),
        publisher=next(iter(_entity_names(node.get("publisher"), nodes_by_id)), None),
        language=_first_string(node.get("inLanguage")),
        body=_first_string(node.get("articleBody")),
    )


def _first_string(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return (value.strip() or None) if isinstance(value, str) else None


def _entity_names(value: Any, nodes_by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the names of people or publishers: strings, objects, or references to objects."""
    for entity in value if isinstance(value, list) else [value]:
        node = entity
        if isinstance(entity, dict) and not entity.get("name"):
            reference = entity.get("@id")
            node = nodes_by_id.get(reference, entity) if isinstance(reference, str) else entity
        name = _first_string(node.get("name") if isinstance(node, dict) else node)
        if name:
            yield name
