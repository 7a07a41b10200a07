"""A PDF becomes a story: its words in the order they are read, without running heads."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError

from index.ingest.extracted_article import ExtractedArticle
from index.ingest.metadata_filters import plausible_author, plausible_title
from index.ingest.pdf.glyphs import read_glyphs
from index.ingest.pdf.layout import PdfParagraph, paragraphs
from index.ingest.pdf.text_quality import is_doubtful
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.text.plain_text import MAX_TITLE_LENGTH
from index.models import MAX_TEXT_LENGTH

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PAGES = 200
"""Dense ones take half of the time that a document has."""
_UNREADABLE = 0.1
"""A larger share of glyphs that do not say what they are makes a page unreadable."""
_LARGER = 1.1
"""A headline's letters are so many times as large as the body's."""
_HEADLINE_WITHIN = 8
"""It is one of the first so many paragraphs."""
_MAX_RUNNING_HEAD_LENGTH = 150
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|صفحة|الصفحة|صفحه)\W*\d{1,4}(?:\W+(?:of|sur|de|من)?\W*\d{1,4})?\W*|[-–—]\s?\d{1,4}\s?[-–—]",
    re.IGNORECASE,
)
"""A bare number may be a figure: it is left out only where one stands on several pages."""
_ENDS = (".", "!", "?", "؟", "…", ":", "»", '"', "”", ".)")
_PASTE = "Open it and paste its text here"


def read_pdf(content: bytes, *, url: str | None = None) -> ExtractedArticle:
    """Return the story in a PDF. Its own dates say when it was made, so none is taken from it.

    Raises `SourceRejected`: LOCKED, DAMAGED, TOO_LARGE, NO_TEXT or UNREADABLE_GLYPHS.
    """
    document = _opened(content)
    try:
        pages = _pages(document)
        said = document.get_metadata_dict()
    finally:
        document.close()
    found = _whole(_without_running_heads(pages))
    title = _headline(found)
    text = "\n\n".join(paragraph.text for paragraph in found if paragraph.text != title)
    if not any(char.isalnum() for char in text):
        title, text = None, title or ""
    if not any(char.isalnum() for char in text):
        raise SourceRejected(
            RejectReason.NO_TEXT,
            "this PDF has no words in it, only pictures",
            "Send a PDF that was made from text, or write its text here",
        )
    if is_doubtful(text):
        raise _unreadable()
    try:
        return ExtractedArticle(
            text=text,
            url=url,
            title=title or plausible_title(said.get("Title")),
            author=plausible_author(said.get("Author")),
        )
    except ValidationError:
        raise _too_large("more text than one article may have") from None


def _opened(content: bytes) -> PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise SourceRejected(
                RejectReason.LOCKED,
                "this PDF takes a password",
                "Save it without a password, or paste its text here",
            ) from None
        raise _damaged() from None
    number = len(document)
    if not 0 < number <= MAX_PAGES:
        document.close()
        raise (
            _too_large(f"{number:,} pages, and {MAX_PAGES} is the most") if number else _damaged()
        )
    return document


def _pages(document: PdfDocument) -> list[list[PdfParagraph]]:
    import pypdfium2

    pages: list[list[PdfParagraph]] = []
    inked = unreadable = length = broken = 0
    for number in range(len(document)):
        try:
            page = document[number]
            words = page.get_textpage()
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        glyphs = read_glyphs(words)
        words.close()
        page.close()
        inked += sum(not glyph.text.isspace() for glyph in glyphs)
        unreadable += sum(not glyph.readable for glyph in glyphs)
        length += sum(len(glyph.text) for glyph in glyphs)
        if length > MAX_TEXT_LENGTH:
            raise _too_large("more text than one article may have")
        pages.append(paragraphs([glyph for glyph in glyphs if glyph.readable]))
    if broken:
        raise _damaged()
    if unreadable > _UNREADABLE * inked:
        raise _unreadable()
    return pages


def _without_running_heads(pages: list[list[PdfParagraph]]) -> list[list[PdfParagraph]]:
    """Leave out page numbers, and what stands on top or at the foot of several pages."""
    edges = [_edges(page) for page in pages]
    often = Counter(key for edge in edges for key in {_key(paragraph) for paragraph in edge})
    least = max(2, len(pages) * 0.3)
    return [
        [
            paragraph
            for paragraph in page
            if paragraph not in edge
            or not (often[_key(paragraph)] >= least or _PAGE_NUMBER.fullmatch(paragraph.text))
        ]
        for page, edge in zip(pages, edges, strict=True)
    ]


def _edges(page: list[PdfParagraph]) -> set[PdfParagraph]:
    """Return the short paragraphs that are the topmost two or the lowest two of a page."""
    sorted_page = sorted(page, key=lambda paragraph: -paragraph.top)
    return {
        paragraph
        for paragraph in [*sorted_page[:2], *sorted_page[-2:]]
        if paragraph.lines == 1 and len(paragraph.text) <= _MAX_RUNNING_HEAD_LENGTH
    }


def _key(paragraph: PdfParagraph) -> tuple[str, int]:
    return _DIGITS.sub("#", paragraph.text), round(paragraph.size)


def _whole(pages: list[list[PdfParagraph]]) -> list[PdfParagraph]:
    """Put all pages together; a paragraph that goes on over the page becomes one."""
    whole: list[PdfParagraph] = []
    for page in pages:
        shown = [paragraph for paragraph in page if paragraph.text]
        if whole and shown and _goes_on(whole[-1], shown[0]):
            before = whole.pop()
            first = shown[0]._replace(text=f"{before.text} {shown[0].text}", size=before.size)
            shown = [first, *shown[1:]]
        whole += shown
    return whole


def _goes_on(before: PdfParagraph, after: PdfParagraph) -> bool:
    same_size = abs(before.size - after.size) < 0.05 * before.size
    return before.full and same_size and not before.text.endswith(_ENDS)


def _headline(found: list[PdfParagraph]) -> str | None:
    """Return the paragraph in the largest letters near the beginning, if they are larger."""
    sizes: Counter[float] = Counter()
    for paragraph in found:
        sizes[round(paragraph.size, 1)] += len(paragraph.text)
    body = max(sizes, key=lambda size: sizes[size], default=0.0)
    near = [
        paragraph
        for paragraph in found[:_HEADLINE_WITHIN]
        if len(paragraph.text) <= MAX_TITLE_LENGTH and sum(map(str.isalpha, paragraph.text)) > 5
    ]
    largest = max(near, key=lambda paragraph: paragraph.size, default=None)
    return largest.text if largest and largest.size >= _LARGER * body else None


def _damaged() -> SourceRejected:
    return SourceRejected(
        RejectReason.DAMAGED,
        "this PDF is damaged and cannot be opened",
        f"Fetch it again. {_PASTE}",
    )


def _too_large(what: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_LARGE, f"this PDF has {what}", "Send the pages that are the article"
    )


def _unreadable() -> SourceRejected:
    return SourceRejected(
        RejectReason.UNREADABLE_GLYPHS,
        "this PDF does not say which letters its signs are, so its text cannot be read",
        _PASTE,
    )
