"""Parse HTML, and split its visible text into lines that refer to their nodes in the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from index.text.spans import word_set

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ELEMENTS = 40_000
"""Maximum number of elements of a page: ten times those of a long story with its comments."""
MAX_TEXT_LENGTH = 2_000_000
"""Maximum number of characters between the tags of a page: a long book."""
_TAG = re.compile(
    r"""<([a-zA-Z][\w:-]{0,40}+)((?:[^"'>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+)>?"""
)
_ATTRIBUTE_END = re.compile(r"""[\s/"']+""")
_MAX_ATTRIBUTES = 500
"""Maximum of one tag; parsing takes time quadratic in their number."""
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
    """A text node in the tree: an element's `text` or its `tail`."""

    element: HtmlElement
    is_tail: bool

    @property
    def text(self) -> str:
        """The text of the node; "" if there is none."""
        return (self.element.tail if self.is_tail else self.element.text) or ""

    @property
    def container(self) -> HtmlElement:
        """The element that contains the text."""
        return self.element.getparent() if self.is_tail else self.element

    def erase(self) -> None:
        """Remove the text from the tree."""
        if self.is_tail:
            self.element.tail = None
        else:
            self.element.text = None


class VisibleLine(NamedTuple):
    """A line of visible text, with its white space collapsed."""

    text: str
    block: HtmlElement
    """The innermost block element that contains the line."""
    nodes: tuple[TextNode, ...]
    linked_text: str
    """The part of the line that is inside links."""

    @property
    def spaced_text(self) -> str:
        """The line with a space between its nodes, which a page may separate by style alone."""
        return " ".join(" ".join(node.text for node in self.nodes).split())

    def erase(self) -> None:
        """Remove the line from the tree."""
        for node in self.nodes:
            node.erase()


def parse_html(text: str) -> HtmlElement | None:
    """Return the tree of a page, or None if it has no markup.

    The parser loads no external resource, resolves no entity that the page defines, and stops at
    256 levels; a page that nests deeper is parsed again without its style tags, since unclosed
    ones are the usual cause. Raises whatever lxml raises.
    """
    if not text.strip():
        return None
    text = limit_tag_attributes(_XML_DECLARATION.sub("", text, count=1))
    tree, complete = _parse(text)
    if not complete:
        tree, _ = _parse(_STYLE_TAG.sub("", text))
    return tree


def limit_tag_attributes(text: str) -> str:
    """Return the markup with the attributes removed from tags that have too many to parse."""
    return _TAG.sub(_strip_excess_attributes, text)


def _strip_excess_attributes(match: re.Match[str]) -> str:
    """Return a tag, without its attributes if it has `_MAX_ATTRIBUTES` or more."""
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
    """Return the visible lines with at least one letter or digit, in document order."""
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
    """Yield each text node in document order, whether its element starts there, and the tag."""
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
