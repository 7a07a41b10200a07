"""HTML as a tree, and its visible text as lines, each with the places in the tree it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from index.text.spans import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ELEMENTS = 40_000
"""The most elements of a page: ten times those of a long story with its comments."""
MAX_TEXT_LENGTH = 2_000_000
"""The most characters between the tags of a page: a long book."""
_TAG = re.compile(
    r"""<([a-zA-Z][\w:-]{0,40}+)((?:[^"'>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+)>?"""
)
_ATTRIBUTE_ENDS = re.compile(r"""[\s/"']+""")
_MAX_ATTRIBUTES = 500
"""Of one tag; parsing them takes their square."""
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:font|b|i|u|em|strong|span|small|big|center|tt|nobr|bdi)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_UNSEEN = frozenset(("script", "style", "template", "noscript", "head", "title", "textarea"))
_WITHIN_A_LINE = words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr q rp rt",
    "ruby s samp small span strike strong sub sup time tt u var wbr",
)


class TextNode(NamedTuple):
    """A text in the tree: an element's own, or the one that follows it."""

    element: HtmlElement
    after: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.element.tail if self.after else self.element.text) or ""

    @property
    def holder(self) -> HtmlElement:
        """The element that the text is in."""
        return self.element.getparent() if self.after else self.element

    def erase(self) -> None:
        """Take the text out of the tree."""
        if self.after:
            self.element.tail = None
        else:
            self.element.text = None


class VisibleLine(NamedTuple):
    """A line that a reader sees, with its white space collapsed."""

    text: str
    block: HtmlElement
    """The element that the line is in, with no other line's beginning between."""
    places: tuple[TextNode, ...]
    linked: str
    """The part of it that is in links."""

    @property
    def spaced(self) -> str:
        """The line with a space between its parts, which a page may set apart by style alone."""
        return " ".join(" ".join(place.text for place in self.places).split())

    def erase(self) -> None:
        """Take the line out of the tree."""
        for place in self.places:
            place.erase()


def tree_of(text: str) -> HtmlElement | None:
    """Return the tree of a page, or None where there is no markup in it.

    The parser follows no address, resolves no entity of the page's own, and stops at 256 levels;
    pages with so many unclosed tags of style are read again without them. Raises what lxml raises.
    """
    if not text.strip():
        return None
    text = with_bounded_tags(_DECLARATION.sub("", text, count=1))
    tree, complete = _parsed(text)
    if not complete:
        tree, _ = _parsed(_INLINE.sub("", text))
    return tree


def with_bounded_tags(text: str) -> str:
    """Return markup whose tags have few enough attributes to be parsed."""
    return _TAG.sub(_bounded, text)


def _bounded(tag: re.Match[str]) -> str:
    """Return a tag, without its attributes where there are hundreds."""
    if len(tag[2]) < 2 * _MAX_ATTRIBUTES:
        return tag[0]
    return tag[0] if len(_ATTRIBUTE_ENDS.findall(tag[2])) < _MAX_ATTRIBUTES else f"<{tag[1]}>"


def _parsed(text: str) -> tuple[HtmlElement | None, bool]:
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


def lines_of(tree: HtmlElement) -> list[VisibleLine]:
    """Return the lines with words in them, in the order of the page."""
    return [line for line in _lines(tree) if any(char.isalnum() for char in line.text)]


def _lines(tree: HtmlElement) -> Iterator[VisibleLine]:
    block = tree
    places: list[TextNode] = []
    links: list[bool] = []
    in_link = unseen = 0
    for place, starts, tag in _walk(tree):
        if tag in _UNSEEN:
            unseen += 1 if starts else -1
        elif tag == "a":
            in_link += 1 if starts else -1
        if tag not in _WITHIN_A_LINE:
            if places:
                yield _line(block, places, links)
                places, links = [], []
            block = _block(place.element, after=place.after)
        if not unseen and place.text:
            places.append(place)
            links.append(in_link > 0)
    if places:
        yield _line(block, places, links)


def _walk(tree: HtmlElement) -> Iterator[tuple[TextNode, bool, str]]:
    """Give every place of a text, in order; whether its element starts or ends there; its tag."""
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        starts = event == "start"
        tag = element.tag if isinstance(element.tag, str) else "script"
        if starts or element is not tree:
            yield TextNode(element, not starts), starts, tag


def _block(element: HtmlElement, *, after: bool) -> HtmlElement:
    parent = element.getparent()
    return parent if after and parent is not None else element


def _line(block: HtmlElement, places: list[TextNode], links: list[bool]) -> VisibleLine:
    whole = " ".join("".join(place.text for place in places).split())
    linked = "".join(place.text for place, link in zip(places, links, strict=True) if link)
    return VisibleLine(whole, block, tuple(places), " ".join(linked.split()))
