"""A page of the web becomes a story with its title, source, date, language, address and author."""

from __future__ import annotations

import copy
import re
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError

from index.errors import reasons
from index.ingest.charset import decode
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.html.date_selection import date_of_page
from index.ingest.html.dom import MAX_ELEMENTS, MAX_TEXT_LENGTH, tree_of
from index.ingest.html.extraction import extract_story, printed_author
from index.ingest.html.metadata import ParsedPage, clean, facts_of, language_of_page, page_of
from index.ingest.html.pruning import flatten_tables, prune
from index.ingest.rejections import RejectReason, SourceRejected
from index.text.boilerplate import BoilerplateRules
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MIN_WORDS = 25
"""A page with fewer words of text has no story."""
_FEW = 120
"""A page that says «enable JavaScript» beside fewer words than these says nothing else."""
_HOME = re.compile(r"/?(?:(?:index|home|default)(?:\.\w{2,5})?|ar|en|fr)?/?", re.IGNORECASE)
_MIN_PROSE_SHARE = 0.35
"""The share of the text that must stand in sentences, not in links and headings."""
_SENTENCE = 8
"""A line of at least so many words, not a link, is prose."""


def read_page(
    content: bytes,
    *,
    url: str | None,
    charset: str | None,
    now: datetime,
    rules: BoilerplateRules,
) -> ExtractedArticle:
    """Return the story in a page of HTML, without what its site puts around it.

    `charset` is that of the HTTP header; `now` is aware. Raises `SourceRejected`: NO_STORY for a page that
    is no article, TOO_COMPLEX for one of too many elements, DAMAGED for one that cannot be read.
    """
    try:
        return _read(decode(content, charset), url, now, rules)
    except SourceRejected:
        raise
    except ValidationError as error:
        raise SourceRejected(
            RejectReason.DAMAGED,
            f"the page cannot be used: {reasons(error)}",
            "Paste the text instead",
        ) from None
    except Exception as error:
        # The libraries that read markup raise what they like on a page made to break them.
        raise SourceRejected(
            RejectReason.DAMAGED,
            f"the page's markup cannot be read ({type(error).__name__})",
            "Paste the text instead",
        ) from error


def _read(markup: str, url: str | None, now: datetime, rules: BoilerplateRules) -> ExtractedArticle:
    tree = tree_of(markup)
    if tree is None:
        _refuse("the page is empty")
    _refuse_what_is_too_much(tree)
    page = page_of(tree, url)
    facts = facts_of(page, rules)
    bare_tree = copy.deepcopy(tree)
    prune(bare_tree)
    flatten_tables(bare_tree)
    found = extract_story(page, bare_tree, facts, rules)
    text = found.text if found else ""
    _refuse_what_is_no_story(page, text, rules)
    lead, beside = (found.lead, found.beside) if found else ((), ())
    dated = date_of_page(page._replace(tree=bare_tree), lead, beside, now=now)
    return ExtractedArticle(
        text=text,
        title=facts.title,
        source=facts.source,
        url=facts.url,
        published=dated.published,
        language=language_of_page(page, text),
        author=facts.author or printed_author(lead, facts, rules),
        date_found=dated.found,
        printed=clean(dated.printed),
        otherwise=dated.otherwise,
    )


def _refuse_what_is_too_much(tree: HtmlElement) -> None:
    letters = 0
    for elements, element in enumerate(tree.iter(), 1):
        letters += 0 if element.tag in ("script", "style") else len(element.text or "")
        letters += len(element.tail or "")
        if elements > MAX_ELEMENTS or letters > MAX_TEXT_LENGTH:
            raise SourceRejected(
                RejectReason.TOO_COMPLEX,
                f"the page has more than {MAX_ELEMENTS:,} elements or {MAX_TEXT_LENGTH:,} letters",
                "Paste the text instead",
            )


def _refuse_what_is_no_story(page: ParsedPage, text: str, rules: BoilerplateRules) -> None:
    words = len(text.split())
    said = fold(f"{page.said('og:title') or ''} {page.tree.findtext('.//title') or ''}")
    phrases = tuple(map(fold, rules.page_without_story))
    if any(phrase in said for phrase in phrases) and words < _FEW:
        _refuse("the page is no article: it says that it cannot be shown, or does not exist")
    if words < MIN_WORDS:
        _refuse(f"the page has only {words} words of text" if words else "the page has no text")
    if words < _FEW and any(phrase in fold(text) for phrase in phrases):
        _refuse("the page asks for consent or JavaScript, and shows no article")
    if _is_a_list(page, text):
        _refuse("the page is a list of articles, and not one of them")


def _is_a_list(page: ParsedPage, text: str) -> bool:
    """Say whether a page is a home page, or another that only leads to articles."""
    if page.article or page.said("og:type") == "article":
        return False
    linked = {line.text for line in page.lines if len(line.linked) > 0.8 * len(line.text)}
    kept = [" ".join(line.split()) for line in text.splitlines()]
    prose = sum(len(line) for line in kept if line not in linked and len(line.split()) >= _SENTENCE)
    headings = sum(line in linked for line in kept)
    home = page.url is not None and _HOME.fullmatch(urlsplit(page.url).path) is not None
    if home and not urlsplit(page.url or "").query:
        return headings >= 2 or len(page.tree.findall(".//article")) > 1 or len(linked) >= 10
    return prose < _MIN_PROSE_SHARE * len(text) or (headings >= 5 and headings > 0.3 * len(kept))


def _refuse(message: str) -> NoReturn:
    raise SourceRejected(RejectReason.NO_STORY, message, "Paste the text, or forward the post")
