"""Extract the article in a PDF: its text in reading order, without running heads."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError

from index.ingest.extracted_article import ExtractedArticle
from index.ingest.metadata_filters import plausible_author, plausible_title
from index.ingest.pdf.glyphs import read_glyphs
from index.ingest.pdf.layout import PdfParagraph, extract_paragraphs
from index.ingest.pdf.text_quality import is_garbled
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.text.plain_text import MAX_TITLE_LENGTH
from index.models import MAX_TEXT_LENGTH

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PAGES = 200
"""So many dense pages take half of the time limit of a document."""
_MAX_UNREADABLE_SHARE = 0.1
"""The largest share of glyphs without a character with which a document is readable."""
_MIN_HEADLINE_SIZE_RATIO = 1.1
"""The smallest ratio of a headline's type size to that of the body."""
_MAX_HEADLINE_POSITION = 8
"""The headline is looked for among so many paragraphs at the beginning."""
_MAX_RUNNING_HEAD_LENGTH = 150
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|صفحة|الصفحة|صفحه)\W*\d{1,4}(?:\W+(?:of|sur|de|من)?\W*\d{1,4})?\W*|[-–—]\s?\d{1,4}\s?[-–—]",
    re.IGNORECASE,
)
"""A marked page number. A bare number is left out only if several pages have one."""
_SENTENCE_ENDS = (".", "!", "?", "؟", "…", ":", "»", '"', "”", ".)")
_PASTE_TEXT = "Open it and paste its text here"


def read_pdf(content: bytes, *, url: str | None = None) -> ExtractedArticle:
    """Return the article in a PDF, without a date: the file's dates are those of its making.

    Raises `SourceRejected`: PASSWORD_PROTECTED, DAMAGED, TOO_LARGE, NO_TEXT or UNREADABLE_GLYPHS.
    """
    document = _open_document(content)
    try:
        pages = _read_pages(document)
        properties = document.get_metadata_dict()
    finally:
        document.close()
    story_paragraphs = _merge_pages(_strip_running_heads(pages))
    title = _find_headline(story_paragraphs)
    text = "\n\n".join(paragraph.text for paragraph in story_paragraphs if paragraph.text != title)
    if not any(char.isalnum() for char in text):
        title, text = None, title or ""
    if not any(char.isalnum() for char in text):
        raise SourceRejected(
            RejectReason.NO_TEXT,
            "this PDF has no words in it, only pictures",
            "Send a PDF that was made from text, or write its text here",
        )
    if is_garbled(text):
        raise _unreadable_error()
    try:
        return ExtractedArticle(
            text=text,
            url=url,
            title=title or plausible_title(properties.get("Title")),
            author=plausible_author(properties.get("Author")),
        )
    except ValidationError:
        raise _too_large_error("more text than one article may have") from None


def _open_document(content: bytes) -> PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise SourceRejected(
                RejectReason.PASSWORD_PROTECTED,
                "this PDF takes a password",
                "Save it without a password, or paste its text here",
            ) from None
        raise _damaged_error() from None
    page_count = len(document)
    if not 0 < page_count <= MAX_PAGES:
        document.close()
        raise (
            _too_large_error(f"{page_count:,} pages, and {MAX_PAGES} is the most")
            if page_count
            else _damaged_error()
        )
    return document


def _read_pages(document: PdfDocument) -> list[list[PdfParagraph]]:
    import pypdfium2

    pages: list[list[PdfParagraph]] = []
    visible_count = unreadable_count = character_count = broken_count = 0
    for index in range(len(document)):
        try:
            page = document[index]
            text_page = page.get_textpage()
        except pypdfium2.PdfiumError:
            broken_count += 1
            continue
        glyphs = read_glyphs(text_page)
        text_page.close()
        page.close()
        visible_count += sum(not glyph.text.isspace() for glyph in glyphs)
        unreadable_count += sum(not glyph.readable for glyph in glyphs)
        character_count += sum(len(glyph.text) for glyph in glyphs)
        if character_count > MAX_TEXT_LENGTH:
            raise _too_large_error("more text than one article may have")
        pages.append(extract_paragraphs([glyph for glyph in glyphs if glyph.readable]))
    if broken_count:
        raise _damaged_error()
    if unreadable_count > _MAX_UNREADABLE_SHARE * visible_count:
        raise _unreadable_error()
    return pages


def _strip_running_heads(pages: list[list[PdfParagraph]]) -> list[list[PdfParagraph]]:
    """Remove page numbers, and the heads and feet that recur on several pages."""
    page_edges = [_find_edges(page) for page in pages]
    key_counts = Counter(
        key for edge in page_edges for key in {_running_head_key(paragraph) for paragraph in edge}
    )
    min_count = max(2, len(pages) * 0.3)
    return [
        [
            paragraph
            for paragraph in page
            if paragraph not in edge
            or not (
                key_counts[_running_head_key(paragraph)] >= min_count
                or _PAGE_NUMBER.fullmatch(paragraph.text)
            )
        ]
        for page, edge in zip(pages, page_edges, strict=True)
    ]


def _find_edges(page: list[PdfParagraph]) -> set[PdfParagraph]:
    """Return the short one-line paragraphs among the two highest and two lowest of a page."""
    sorted_page = sorted(page, key=lambda paragraph: -paragraph.top)
    return {
        paragraph
        for paragraph in [*sorted_page[:2], *sorted_page[-2:]]
        if paragraph.line_count == 1 and len(paragraph.text) <= _MAX_RUNNING_HEAD_LENGTH
    }


def _running_head_key(paragraph: PdfParagraph) -> tuple[str, int]:
    return _DIGITS.sub("#", paragraph.text), round(paragraph.size)


def _merge_pages(pages: list[list[PdfParagraph]]) -> list[PdfParagraph]:
    """Return the paragraphs of all pages, and join those that continue on the next page."""
    merged: list[PdfParagraph] = []
    for page in pages:
        visible = [paragraph for paragraph in page if paragraph.text]
        if merged and visible and _continues_on_next_page(merged[-1], visible[0]):
            previous = merged.pop()
            first = visible[0]._replace(
                text=f"{previous.text} {visible[0].text}", size=previous.size
            )
            visible = [first, *visible[1:]]
        merged += visible
    return merged


def _continues_on_next_page(previous: PdfParagraph, following: PdfParagraph) -> bool:
    same_size = abs(previous.size - following.size) < 0.05 * previous.size
    return previous.fills_last_line and same_size and not previous.text.endswith(_SENTENCE_ENDS)


def _find_headline(story_paragraphs: list[PdfParagraph]) -> str | None:
    """Return the paragraph of the largest type near the beginning, if larger than the body's."""
    sizes: Counter[float] = Counter()
    for paragraph in story_paragraphs:
        sizes[round(paragraph.size, 1)] += len(paragraph.text)
    body_size = max(sizes, key=lambda size: sizes[size], default=0.0)
    candidates = [
        paragraph
        for paragraph in story_paragraphs[:_MAX_HEADLINE_POSITION]
        if len(paragraph.text) <= MAX_TITLE_LENGTH and sum(map(str.isalpha, paragraph.text)) > 5
    ]
    largest = max(candidates, key=lambda paragraph: paragraph.size, default=None)
    return (
        largest.text if largest and largest.size >= _MIN_HEADLINE_SIZE_RATIO * body_size else None
    )


def _damaged_error() -> SourceRejected:
    return SourceRejected(
        RejectReason.DAMAGED,
        "this PDF is damaged and cannot be opened",
        f"Fetch it again. {_PASTE_TEXT}",
    )


def _too_large_error(detail: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_LARGE, f"this PDF has {detail}", "Send the pages that are the article"
    )


def _unreadable_error() -> SourceRejected:
    return SourceRejected(
        RejectReason.UNREADABLE_GLYPHS,
        "this PDF does not say which letters its signs are, so its text cannot be read",
        _PASTE_TEXT,
    )
