"""Remove from a page what trafilatura leaves in it: comments, lists of other articles, tables."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from index.text.spans import word_set

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_OTHER_TAGS = frozenset(("aside", "footer", "nav"))
_OTHER_ROLES = word_set("navigation complementary contentinfo")
_COMMENTS_NAME = re.compile(
    r"(?:fb-|reader-|post-|article-)?comments?"
    r"(?:-?(?:list|form|respond|section|area|box|wrap(?:per)?|thread|container|block|title))?s?|"
    r"respond|disqus(?:-thread)?|dsq-\w+"
)
_OTHER_ARTICLES_NAME = re.compile(
    r"(?:.{1,30}-)?(?:related|recommend(?:ed|ations?)|suggested|trending|read-?also|sidebar)"
    r"(?:-(?:posts?|news|stor(?:y|ies)|articles?|links?|items?|box|list|block|section|widgets?|"
    r"wrap(?:per)?|container|content|area|inner|topics?))*|widget(?:-area)?|"
    r"(?:latest|popular|other|similar|next|prev(?:ious)?|most-\w+)-(?:news|posts?|articles?)"
)
_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_RUNNING_TEXT_TAGS = frozenset(("a", "script", "style"))
_IGNORED_TAGS = frozenset(("html", "body", "main", "article", "h1", "head"))
_MIN_RUNNING_TEXT_LENGTH = 30
"""A text node of fewer characters may be a button's or a link's."""
_MAX_REMOVABLE_SHARE = 0.4
"""An element with a larger share of the page's running text is kept, unless it is of comments."""
_MIN_REMAINING_LENGTH = 150
"""Characters of running text that must remain when comments are removed: some 25 words."""
_MAX_NAMES_LENGTH = 1_000
"""Characters of the classes and the id of an element that are read."""
_MAX_CELL_LENGTH = 150


def prune(tree: HtmlElement) -> None:
    """Remove comments and lists of other articles from `tree`, whose dates and authors mislead.

    Elements are recognised by tag, role, and the words of their classes and id. An element that
    holds the headline or a large share of the running text is kept, whatever its name: losing the
    story is worse.
    """
    lengths = _running_text_lengths(tree)
    total = lengths[tree]
    with_headline = {ancestor for h1 in tree.iter("h1") for ancestor in h1.iterancestors()}
    removed: set[HtmlElement] = set()
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in _IGNORED_TAGS:
            continue
        if element.getparent() in removed:
            removed.add(element)
            continue
        names = _class_names(element)
        is_comments = any(map(_COMMENTS_NAME.fullmatch, names))
        if not is_comments and not (
            element.tag in _OTHER_TAGS
            or (element.get("role") or "").lower() in _OTHER_ROLES
            or any(map(_OTHER_ARTICLES_NAME.fullmatch, names))
        ):
            continue
        length = lengths[element]
        remains = (
            total - length >= _MIN_REMAINING_LENGTH
            if is_comments
            else length <= _MAX_REMOVABLE_SHARE * total
        )
        if remains and element not in with_headline:
            total -= length
            removed.add(element)
            element.drop_tree()  # lxml keeps the tail


def flatten_tables(tree: HtmlElement) -> None:
    """Turn rows of tables into paragraphs, and tables that lay out a page into `<div>`.

    A table lays out a page if it holds a paragraph or a cell of more than a line.
    """
    for table in reversed(list(tree.iter("table"))):
        cells = [cell for row in table.iter("tr") for cell in row.iterchildren("td", "th")]
        lays_out = any(
            len(cell.text_content()) > _MAX_CELL_LENGTH or cell.find(".//p") is not None
            for cell in cells
        )
        for row in list(table.iter("tr")):
            row.tag = "div" if lays_out else "p"
            for cell in row.iterchildren("td", "th"):
                cell.tag = "div" if lays_out else "span"
                if not lays_out:
                    cell.tail = " "
        for part in list(table.iter("table", "tbody", "thead", "tfoot", "caption")):
            part.tag = "div"


def _running_text_lengths(tree: HtmlElement) -> dict[HtmlElement, int]:
    """Return the characters in the text nodes of each element that are no links and not short."""
    lengths: Counter[HtmlElement] = Counter()
    for element in reversed(list(tree.iter())):  # children before their parent
        if element.tag not in _NO_RUNNING_TEXT_TAGS:
            lengths[element] += _running_length(element.text)
        if element is not tree:
            lengths[element.getparent()] += lengths[element] + _running_length(element.tail)
    return lengths


def _running_length(text: str | None) -> int:
    length = len(text.strip()) if text else 0
    return length if length >= _MIN_RUNNING_TEXT_LENGTH else 0


def _class_names(element: HtmlElement) -> list[str]:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:_MAX_NAMES_LENGTH]
    hyphenated = _CAMEL_CASE_BOUNDARY.sub("-", names).lower().replace("_", "-")
    return [re.sub("-+", "-", name) for name in hyphenated.split() if len(name) < 60]
