"""Read a web page: its story with title, source, date, language, URL and author."""

from __future__ import annotations

import copy
import re
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError

from index.errors import format_validation_error
from index.ingest.charset import decode
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.html.date_selection import select_page_date
from index.ingest.html.dom import MAX_ELEMENTS, MAX_TEXT_LENGTH, parse_html
from index.ingest.html.extraction import extract_story, find_printed_author
from index.ingest.html.metadata import (
    ParsedPage,
    clean_line,
    detect_page_language,
    extract_metadata,
    parse_page,
)
from index.ingest.html.pruning import flatten_tables, prune
from index.ingest.rejections import RejectReason, SourceRejected
from index.text.boilerplate import BoilerplateRules
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MIN_WORDS = 25
"""Minimum number of words of a story."""
_MAX_NOTICE_WORDS = 120
"""A page with a notice like «enable JavaScript» and fewer words has no story."""
_HOME_PATH = re.compile(r"/?(?:(?:index|home|default)(?:\.\w{2,5})?|ar|en|fr)?/?", re.IGNORECASE)
_MIN_PROSE_SHARE = 0.35
"""Minimum share of the text that must be prose, not links and headings."""
_MIN_PROSE_LINE_WORDS = 8
"""A line that is no link and has at least so many words is prose."""


def read_page(
    content: bytes,
    *,
    url: str | None,
    charset: str | None,
    now: datetime,
    rules: BoilerplateRules,
) -> ExtractedArticle:
    """Return the story in an HTML page, without the site's boilerplate.

    `charset` is that of the HTTP header; `now` is time zone aware. Raises `SourceRejected`:
    NO_STORY if the page is no article, TOO_COMPLEX if it has too many elements or characters,
    DAMAGED if it cannot be parsed.
    """
    try:
        return _read_markup(decode(content, charset), url, now, rules)
    except SourceRejected:
        raise
    except ValidationError as error:
        raise SourceRejected(
            RejectReason.DAMAGED,
            f"the page cannot be used: {format_validation_error(error)}",
            "Paste the text instead",
        ) from None
    except Exception as error:
        # On malicious markup, the parsing libraries may raise any exception.
        raise SourceRejected(
            RejectReason.DAMAGED,
            f"the page's markup cannot be read ({type(error).__name__})",
            "Paste the text instead",
        ) from error


def _read_markup(
    markup: str, url: str | None, now: datetime, rules: BoilerplateRules
) -> ExtractedArticle:
    tree = parse_html(markup)
    if tree is None:
        _reject("the page is empty")
    _reject_too_complex(tree)
    page = parse_page(tree, url)
    metadata = extract_metadata(page, rules)
    pruned_tree = copy.deepcopy(tree)
    prune(pruned_tree)
    flatten_tables(pruned_tree)
    story = extract_story(page, pruned_tree, metadata, rules)
    text = story.text if story else ""
    _reject_non_story(page, text, rules)
    lead_lines, nearby_lines = (story.lead_lines, story.nearby_lines) if story else ((), ())
    page_date = select_page_date(page._replace(tree=pruned_tree), lead_lines, nearby_lines, now=now)
    return ExtractedArticle(
        text=text,
        title=metadata.title,
        source=metadata.source,
        url=metadata.url,
        published=page_date.published,
        language=detect_page_language(page, text),
        author=metadata.author or find_printed_author(lead_lines, metadata, rules),
        date_found=page_date.provenance,
        printed=clean_line(page_date.printed),
        otherwise=page_date.otherwise,
        hidden=story.hidden if story else False,
    )


def _reject_too_complex(tree: HtmlElement) -> None:
    character_count = 0
    for element_count, element in enumerate(tree.iter(), 1):
        character_count += 0 if element.tag in ("script", "style") else len(element.text or "")
        character_count += len(element.tail or "")
        if element_count > MAX_ELEMENTS or character_count > MAX_TEXT_LENGTH:
            raise SourceRejected(
                RejectReason.TOO_COMPLEX,
                f"the page has more than {MAX_ELEMENTS:,} elements or {MAX_TEXT_LENGTH:,} letters",
                "Paste the text instead",
            )


def _reject_non_story(page: ParsedPage, text: str, rules: BoilerplateRules) -> None:
    word_count = len(text.split())
    titles = fold(f"{page.first_meta('og:title') or ''} {page.tree.findtext('.//title') or ''}")
    phrases = tuple(map(fold, rules.page_without_story))
    if any(phrase in titles for phrase in phrases) and word_count < _MAX_NOTICE_WORDS:
        _reject("the page is no article: it says that it cannot be shown, or does not exist")
    if word_count < MIN_WORDS:
        _reject(
            f"the page has only {word_count} words of text"
            if word_count
            else "the page has no text"
        )
    if word_count < _MAX_NOTICE_WORDS and any(phrase in fold(text) for phrase in phrases):
        _reject("the page asks for consent or JavaScript, and shows no article")
    if _is_listing(page, text):
        _reject("the page is a list of articles, not an article")


def _is_listing(page: ParsedPage, text: str) -> bool:
    """Return whether a page is a home page, or another that only links to articles."""
    if page.article or page.first_meta("og:type") == "article":
        return False
    link_lines = {line.text for line in page.lines if len(line.linked_text) > 0.8 * len(line.text)}
    text_lines = [" ".join(line.split()) for line in text.splitlines()]
    prose_length = sum(
        len(line)
        for line in text_lines
        if line not in link_lines and len(line.split()) >= _MIN_PROSE_LINE_WORDS
    )
    heading_count = sum(line in link_lines for line in text_lines)
    is_home = page.url is not None and _HOME_PATH.fullmatch(urlsplit(page.url).path) is not None
    if is_home and not urlsplit(page.url or "").query:
        return (
            heading_count >= 2 or len(page.tree.findall(".//article")) > 1 or len(link_lines) >= 10
        )
    return prose_length < _MIN_PROSE_SHARE * len(text) or (
        heading_count >= 5 and heading_count > 0.3 * len(text_lines)
    )


def _reject(message: str) -> NoReturn:
    raise SourceRejected(RejectReason.NO_STORY, message, "Paste the text, or forward the post")
