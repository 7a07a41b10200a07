"""A document of any kind that can be read becomes the stories in it.

What it is is told by its content; its name and what was declared of it count only where the
content leaves it open, so a wrong extension does no harm.
"""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from index.ingest.extracted_article import ExtractedArticle
from index.ingest.file_type import FileType, detect_file_type
from index.ingest.rejections import RejectReason, SourceRejected
from index.text.boilerplate import BoilerplateRules

MAX_DOCUMENT_BYTES = 10_000_000
"""The most bytes of one document, as of one page."""


class DocumentHints(BaseModel):
    """What is known of a document beside its content.

    `name` is its file's name, `content_type` and `charset` are what it was declared to be, `now`
    is when it came; `rules` say what sites put around a story.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    now: AwareDatetime
    rules: BoilerplateRules


class ExtractedDocument(BaseModel):
    """What was read: a page, a text, a PDF or a Word document has one story, lines have many.

    `bad_lines` are the numbers of lines that are no article, each with the reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FileType
    stories: tuple[ExtractedArticle, ...]
    bad_lines: tuple[tuple[int, str], ...] = ()


def read_document(content: bytes, hints: DocumentHints) -> ExtractedDocument:
    """Read a document in this process.

    Raises `SourceRejected`, which says what is wrong and what to do.

    Use `apart.read_apart` for what strangers have made: this takes the time and memory it takes.

    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise too_large_error(len(content))
    file_type = detect_file_type(content, hints.name, hints.content_type)
    if file_type is FileType.JSON_LINES:
        from index.ingest.text.json_lines import read_stories

        stories, bad_lines = read_stories(content)
        return ExtractedDocument(kind=file_type, stories=stories, bad_lines=bad_lines)
    return ExtractedDocument(kind=file_type, stories=(_read_story(file_type, content, hints),))


def too_large_error(size: int) -> SourceRejected:
    """Return the refusal of a document of `size` bytes."""
    return SourceRejected(
        RejectReason.TOO_LARGE,
        f"it has {size / 1e6:.1f} MB, and {MAX_DOCUMENT_BYTES / 1e6:.0f} MB is the most",
        "Send its text alone, or a part of it",
    )


def _read_story(file_type: FileType, content: bytes, hints: DocumentHints) -> ExtractedArticle:
    if file_type is FileType.PDF:
        from index.ingest.pdf.reader import read_pdf

        return read_pdf(content, url=hints.url)
    if file_type is FileType.DOCX:
        from index.ingest.docx.reader import read_docx

        return read_docx(content, url=hints.url)
    if file_type is FileType.HTML:
        from index.ingest.html.reader import read_page

        return read_page(
            content, url=hints.url, charset=hints.charset, now=hints.now, rules=hints.rules
        )
    from index.ingest.charset import decode
    from index.ingest.text.plain_text import read_text

    return read_text(decode(content, hints.charset), url=hints.url, now=hints.now)
