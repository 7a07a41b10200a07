"""What can be taken off a page by its structure, before its story is looked for.

Elements are told by their tags, roles, and the words in their classes and ids. One that holds a
large share of the page's running text is left, whatever it is called: losing a story is worse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.spans import word_set

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NEVER_STORY_TAGS = word_set(
    "script style noscript template svg math iframe object embed canvas audio video button select",
    "option input label dialog nav figcaption map",
)
_RARELY_STORY_TAGS = frozenset(("aside", "footer", "form"))
_NON_STORY_ROLES = word_set(
    "navigation complementary contentinfo search dialog alertdialog menu menubar toolbar"
)
_HIDDEN_STYLE = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE
)
_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COMMENTS_NAME = re.compile(
    r"comments?|comment-?(?:list|form|respond|section|area|box|wrap(?:per)?|thread|container)s?|"
    r"comments-(?:area|list|section|container|block|wrapper|title)|respond|commentlist|"
    r"disqus(?:-thread)?|fb-comments|dsq-\w+|reader-comments|post-comments|article-comments"
)
_NON_STORY_NAME = re.compile(
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
_CAPTION_NAME = re.compile(
    r"(?:.{1,30}-)?(?:caption|wp-caption-text|credits?|legende?|photo-?by|image-source)"
    r"(?:-(?:text|title|wrapper|inner|credit))?|media-?caption.{0,20}|copyright-?holder"
)
_IGNORED_NAME_PREFIX = re.compile(
    r"(?:no|has|with|without|is|category|cat|tag|elementor|wp-block|js|type)-"
)
_CONTAINER_TAGS = word_set(
    "div section ul ol li dl p span table tr td h2 h3 h4 h5 h6 a strong em b i small center",
    "fieldset details blockquote header",
)
_MIN_RUNNING_TEXT_LENGTH = 30
"""A text of fewer characters, between two tags, may be a button's or a link's."""
_MAX_REMOVABLE_SHARE = 0.4
_MAX_CAPTION_LENGTH = 500
_MAX_CELL_LENGTH = 150
_MIN_REMAINING_LENGTH = 150
"""What must be left of a page's running text when the comments are taken off: some 25 words."""
_MAX_NAMES = 20
"""Of one element; the rest are not looked at."""


def prune(tree: HtmlElement) -> None:
    """Take off `tree` what is not its story by tag, role, class or id."""
    for element in list(tree.iter(*_NEVER_STORY_TAGS)):
        if element.tag != "label" or len(element.text_content()) < _MAX_CAPTION_LENGTH:
            _drop(element)
    density = _TextDensity(tree)
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or density.is_removed(element):
            continue
        if _is_outside_story(element, density):
            density.mark_removed(element)
            _drop(element)


class _TextDensity:
    """How many characters of running text each element holds, told once; links are none."""

    def __init__(self, tree: HtmlElement) -> None:
        self.text_lengths: dict[HtmlElement, int] = {}
        self.tree = tree
        self.removed: set[HtmlElement] = set()
        for element in tree.iter():
            self._add_text(element, element.text if element.tag != "a" else None)
            self._add_text(element.getparent(), element.tail)
        self.total = max(1, self.text_lengths.get(tree, 0))
        self.heading_ancestors = {
            ancestor for h1 in tree.iter("h1") for ancestor in (h1, *h1.iterancestors())
        }

    def _add_text(self, element: HtmlElement | None, text: str | None) -> None:
        length = len(text.strip()) if text else 0
        if element is not None and length >= _MIN_RUNNING_TEXT_LENGTH:
            for ancestor in (element, *element.iterancestors()):
                self.text_lengths[ancestor] = self.text_lengths.get(ancestor, 0) + length

    def share(self, element: HtmlElement) -> float:
        return self.text_lengths.get(element, 0) / self.total

    def length_without(self, element: HtmlElement) -> int:
        return self.text_lengths.get(self.tree, 0) - self.text_lengths.get(element, 0)

    def is_removed(self, element: HtmlElement) -> bool:
        parent = element.getparent()
        if parent in self.removed:
            self.removed.add(element)
            return True
        return False

    def mark_removed(self, element: HtmlElement) -> None:
        length = self.text_lengths.get(element, 0)
        self.removed.add(element)
        for ancestor in element.iterancestors():
            self.text_lengths[ancestor] = self.text_lengths.get(ancestor, 0) - length


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


def _is_outside_story(element: HtmlElement, density: _TextDensity) -> bool:
    tag = element.tag
    if element in density.heading_ancestors or tag in (
        "html",
        "body",
        "main",
        "article",
        "h1",
        "head",
    ):
        return False
    if "articlebody" in (element.get("itemprop") or "").lower():
        return False
    names = _class_names(element)
    if any(map(_COMMENTS_NAME.fullmatch, names)) and tag in _CONTAINER_TAGS:
        return density.length_without(element) >= _MIN_REMAINING_LENGTH
    if density.share(element) > _MAX_REMOVABLE_SHARE:
        return False
    if tag in _RARELY_STORY_TAGS or (element.get("role") or "").lower() in _NON_STORY_ROLES:
        return True
    if element.get("hidden") is not None or _HIDDEN_STYLE.search(
        (element.get("style") or "")[:500]
    ):
        return True
    if tag not in _CONTAINER_TAGS:
        return False
    if any(map(_CAPTION_NAME.fullmatch, names)):
        return len(element.text_content()) <= _MAX_CAPTION_LENGTH
    return any(map(_NON_STORY_NAME.fullmatch, names))


def _class_names(element: HtmlElement) -> list[str]:
    raw_names = f"{element.get('class') or ''} {element.get('id') or ''}"[:1_000].split()[
        :_MAX_NAMES
    ]
    names = [
        _CAMEL_CASE_BOUNDARY.sub("-", name).lower().replace("_", "-")
        for name in raw_names
        if len(name) < 60
    ]
    return [re.sub("-+", "-", name) for name in names if not _IGNORED_NAME_PREFIX.match(name)]


def _drop(element: HtmlElement) -> None:
    """Take an element out and leave the text that follows it."""
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()  # lxml keeps the tail
