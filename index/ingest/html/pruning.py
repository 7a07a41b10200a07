"""What can be taken off a page by its structure, before its story is looked for.

Elements are told by their tags, roles, and the words in their classes and ids. One that holds a
large share of the page's running text is left, whatever it is called: losing a story is worse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.spans import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NEVER_STORY = words(
    "script style noscript template svg math iframe object embed canvas audio video button select",
    "option input label dialog nav figcaption map",
)
_SELDOM_STORY = frozenset(("aside", "footer", "form"))
_ROLES = words(
    "navigation complementary contentinfo search dialog alertdialog menu menubar toolbar"
)
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COMMENTS = re.compile(
    r"comments?|comment-?(?:list|form|respond|section|area|box|wrap(?:per)?|thread|container)s?|"
    r"comments-(?:area|list|section|container|block|wrapper|title)|respond|commentlist|"
    r"disqus(?:-thread)?|fb-comments|dsq-\w+|reader-comments|post-comments|article-comments"
)
_AROUND = re.compile(
    r"(?:.{1,30}-)?(?:related|recommend(?:ed|ations?)|suggested|trending|breadcrumbs?|newsletter|"
    r"addtoany|addthis|sharedaddy|outbrain|taboola|adsbygoogle|advert(?:s|isements?|ising)?|"
    r"cookies?|gdpr|consent|subscri(?:be|ption)|pagination|navbar|navigation|tagcloud|sharing|"
    r"socials?|share|shares|sharebar|readalso|relatedposts|sponsored|promo|toolbar|popup|modal|"
    r"screen-reader-text|sr-only|visually-hidden|skip-?link|reading-time|sidebar|tags|keywords)"
    r"(?:-(?:posts?|news|stor(?:y|ies)|articles?|links?|items?|box|list|block|section|buttons?|"
    r"bars?|icons?|widgets?|wrap(?:per)?|container|content|area|inner|form|media|title|heading|"
    r"topics?|banner|notice|text|area|signup|ups?|inline|cloud|top|bottom|post))*"
    r"|read-?(?:also|more)(?:-\w+)?|more-(?:news|stories|posts|articles|on|from)(?:-\w+)?|"
    r"you-?may(?:-also)?(?:-like)?|most-(?:read|popular|viewed|shared)(?:-\w+)?|"
    r"(?:latest|popular|other|similar|next|prev(?:ious)?)-(?:news|posts?|articles?|stor(?:y|ies))|"
    r"follow-?us|tag-?(?:list|links?|cloud)|ads?|ad-(?:slot|box|unit|container|wrapper|banner)|"
    r"print|printfriendly|font-?(?:size|resize)r?|author-(?:box|bio|info|card|about|description)|"
    r"about-(?:the-)?author|post-(?:tags|navigation|share|nav)|entry-tags|article-(?:tags|share)|"
    r"menu|menubar|widget|widget-area|copyright|site-(?:footer|header|navigation)|lightbox"
)
_CAPTION = re.compile(
    r"(?:.{1,30}-)?(?:caption|wp-caption-text|credits?|legende?|photo-?by|image-source)"
    r"(?:-(?:text|title|wrapper|inner|credit))?|media-?caption.{0,20}|copyright-?holder"
)
_OTHER_SENSE = re.compile(
    r"(?:no|has|with|without|is|category|cat|tag|elementor|wp-block|js|type)-"
)
_CONTAINERS = words(
    "div section ul ol li dl p span table tr td h2 h3 h4 h5 h6 a strong em b i small center",
    "fieldset details blockquote header",
)
_RUNNING = 30
"""A text of fewer characters, between two tags, may be a button's or a link's."""
_LARGE_SHARE = 0.4
_MAX_CAPTION_LENGTH = 500
_MAX_CELL_LENGTH = 150
_MIN_LETTERS = 150
"""What must be left of a page's running text when the comments are taken off: some 25 words."""
_MAX_NAMES = 20
"""Of one element; the rest are not looked at."""


def prune(tree: HtmlElement) -> None:
    """Take off `tree` what is not its story by tag, role, class or id."""
    for element in list(tree.iter(*_NEVER_STORY)):
        if element.tag != "label" or len(element.text_content()) < _MAX_CAPTION_LENGTH:
            _drop(element)
    weights = _TextDensity(tree)
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or weights.is_gone(element):
            continue
        if _is_around(element, weights):
            weights.forget(element)
            _drop(element)


class _TextDensity:
    """How many characters of running text each element holds, told once; links are none."""

    def __init__(self, tree: HtmlElement) -> None:
        self.held: dict[HtmlElement, int] = {}
        self.tree = tree
        self.gone: set[HtmlElement] = set()
        for element in tree.iter():
            self._add(element, element.text if element.tag != "a" else None)
            self._add(element.getparent(), element.tail)
        self.total = max(1, self.held.get(tree, 0))
        self.headed = {above for h1 in tree.iter("h1") for above in (h1, *h1.iterancestors())}

    def _add(self, element: HtmlElement | None, text: str | None) -> None:
        length = len(text.strip()) if text else 0
        if element is not None and length >= _RUNNING:
            for above in (element, *element.iterancestors()):
                self.held[above] = self.held.get(above, 0) + length

    def share(self, element: HtmlElement) -> float:
        return self.held.get(element, 0) / self.total

    def left_without(self, element: HtmlElement) -> int:
        return self.held.get(self.tree, 0) - self.held.get(element, 0)

    def is_gone(self, element: HtmlElement) -> bool:
        parent = element.getparent()
        if parent in self.gone:
            self.gone.add(element)
            return True
        return False

    def forget(self, element: HtmlElement) -> None:
        length = self.held.get(element, 0)
        self.gone.add(element)
        for above in element.iterancestors():
            self.held[above] = self.held.get(above, 0) - length


def flatten_tables(tree: HtmlElement) -> None:
    """Make paragraphs of the rows of tables, and boxes of the tables that lay out a page.

    A table lays out where it holds another one, or a cell of more than a line.
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


def _is_around(element: HtmlElement, weights: _TextDensity) -> bool:
    tag = element.tag
    if element in weights.headed or tag in ("html", "body", "main", "article", "h1", "head"):
        return False
    if "articlebody" in (element.get("itemprop") or "").lower():
        return False
    names = _names(element)
    if any(map(_COMMENTS.fullmatch, names)) and tag in _CONTAINERS:
        return weights.left_without(element) >= _MIN_LETTERS
    if weights.share(element) > _LARGE_SHARE:
        return False
    if tag in _SELDOM_STORY or (element.get("role") or "").lower() in _ROLES:
        return True
    if element.get("hidden") is not None or _HIDDEN.search((element.get("style") or "")[:500]):
        return True
    if tag not in _CONTAINERS:
        return False
    if any(map(_CAPTION.fullmatch, names)):
        return len(element.text_content()) <= _MAX_CAPTION_LENGTH
    return any(map(_AROUND.fullmatch, names))


def _names(element: HtmlElement) -> list[str]:
    said = f"{element.get('class') or ''} {element.get('id') or ''}"[:1_000].split()[:_MAX_NAMES]
    names = [_CAMEL.sub("-", name).lower().replace("_", "-") for name in said if len(name) < 60]
    return [re.sub("-+", "-", name) for name in names if not _OTHER_SENSE.match(name)]


def _drop(element: HtmlElement) -> None:
    """Take an element out and leave the text that follows it."""
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()  # lxml keeps the tail
