"""HTML as a tree, and its visible text as lines, each with the places in the tree it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from index.text.spans import word_set

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ELEMENTS = 40_000
"""The most elements of a page: ten times those of a long story with its comments."""
MAX_TEXT_LENGTH = 2_000_000
"""The most characters between the tags of a page: a long book."""
_TAG = re.compile(
    r"""<([a-zA-Z][\w:-]{0,40}+)((?:[^"'>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+)>?"""
)
_ATTRIBUTE_END = re.compile(r"""[\s/"']+""")
_MAX_ATTRIBUTES = 500
"""Of one tag; parsing them takes their square."""
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_STYLE_TAG = re.compile(
    r"</?(?:font|b|i|u|em|strong|span|small|big|center|tt|nobr|bdi)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_INVISIBLE_TAGS = frozenset(
    ("script", "style", "template", "noscript", "head", "title", "textarea")
)
_INLINE_TAGS = word_set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr q rp rt",
    "ruby s samp small span strike strong sub sup time tt u var wbr",
)


class TextNode(NamedTuple):
    """A text in the tree: an element's own, or the one that follows it."""

    element: HtmlElement
    is_tail: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.element.tail if self.is_tail else self.element.text) or ""

    @property
    def container(self) -> HtmlElement:
        """The element that the text is in."""
        return self.element.getparent() if self.is_tail else self.element

    def erase(self) -> None:
        """Take the text out of the tree."""
        if self.is_tail:
            self.element.tail = None
        else:
            self.element.text = None


class VisibleLine(NamedTuple):
    """A line that a reader sees, with its white space collapsed."""

    text: str
    block: HtmlElement
    """The element that the line is in, with no other line's beginning between."""
    nodes: tuple[TextNode, ...]
    linked_text: str
    """The part of it that is in links."""

    @property
    def spaced_text(self) -> str:
        """The line with a space between its parts, which a page may set apart by style alone."""
        return " ".join(" ".join(node.text for node in self.nodes).split())

    def erase(self) -> None:
        """Take the line out of the tree."""
        for node in self.nodes:
            node.erase()


def parse_html(text: str) -> HtmlElement | None:
    """Return the tree of a page, or None where there is no markup in it.

    The parser follows no address, resolves no entity of the page's own, and stops at 256 levels;
    pages with so many unclosed tags of style are read again without them. Raises what lxml raises.
    """
    if not text.strip():
        return None
    text = limit_tag_attributes(_XML_DECLARATION.sub("", text, count=1))
    tree, complete = _parse(text)
    if not complete:
        tree, _ = _parse(_STYLE_TAG.sub("", text))
    return tree


def limit_tag_attributes(text: str) -> str:
    """Return markup whose tags have few enough attributes to be parsed."""
    return _TAG.sub(_strip_excess_attributes, text)


def _strip_excess_attributes(match: re.Match[str]) -> str:
    """Return a tag, without its attributes where there are hundreds."""
    if len(match[2]) < 2 * _MAX_ATTRIBUTES:
        return match[0]
    return match[0] if len(_ATTRIBUTE_END.findall(match[2])) < _MAX_ATTRIBUTES else f"<{match[1]}>"


def _parse(text: str) -> tuple[HtmlElement | None, bool]:
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments
        return None, True
    limit = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return tree, not any(error.type == limit for error in parser.error_log)


def visible_lines(tree: HtmlElement) -> list[VisibleLine]:
    """Return the lines with words in them, in the order of the page."""
    return [line for line in _iter_lines(tree) if any(char.isalnum() for char in line.text)]


def _iter_lines(tree: HtmlElement) -> Iterator[VisibleLine]:
    block = tree
    nodes: list[TextNode] = []
    in_links: list[bool] = []
    link_depth = invisible_depth = 0
    for node, starts, tag in _walk_text_nodes(tree):
        if tag in _INVISIBLE_TAGS:
            invisible_depth += 1 if starts else -1
        elif tag == "a":
            link_depth += 1 if starts else -1
        if tag not in _INLINE_TAGS:
            if nodes:
                yield _build_line(block, nodes, in_links)
                nodes, in_links = [], []
            block = _block_element(node.element, is_tail=node.is_tail)
        if not invisible_depth and node.text:
            nodes.append(node)
            in_links.append(link_depth > 0)
    if nodes:
        yield _build_line(block, nodes, in_links)


def _walk_text_nodes(tree: HtmlElement) -> Iterator[tuple[TextNode, bool, str]]:
    """Give every place of a text, in order; whether its element starts or ends there; its tag."""
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        starts = event == "start"
        tag = element.tag if isinstance(element.tag, str) else "script"
        if starts or element is not tree:
            yield TextNode(element, not starts), starts, tag


def _block_element(element: HtmlElement, *, is_tail: bool) -> HtmlElement:
    parent = element.getparent()
    return parent if is_tail and parent is not None else element


def _build_line(block: HtmlElement, nodes: list[TextNode], in_links: list[bool]) -> VisibleLine:
    text = " ".join("".join(node.text for node in nodes).split())
    linked_text = "".join(
        node.text for node, in_link in zip(nodes, in_links, strict=True) if in_link
    )
    return VisibleLine(text, block, tuple(nodes), " ".join(linked_text.split()))
