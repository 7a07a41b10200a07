"""Read the articles in a document of any supported file type.

The type is detected from the content; the file name and the declared type count only if the
content is ambiguous, so a wrong extension does no harm.
"""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from index.ingest.extracted_article import ExtractedArticle
from index.ingest.file_type import FileType, detect_file_type
from index.ingest.rejections import RejectReason, SourceRejected
from index.text.boilerplate import BoilerplateRules

MAX_DOCUMENT_BYTES = 10_000_000
"""Maximum size of a document in bytes, the same as of a web page."""


class DocumentHints(BaseModel):
    """Metadata of a document that its content does not state.

    `name` is the file name, `content_type` and `charset` are as declared by the server or sender,
    `now` is when the document was received, `rules` recognise boilerplate around a story.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    now: AwareDatetime
    rules: BoilerplateRules


class ExtractedDocument(BaseModel):
    """The articles in a document: one, or many in a file of JSON lines.

    `bad_lines` holds the number of each line that is no article, with the reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FileType
    stories: tuple[ExtractedArticle, ...]
    bad_lines: tuple[tuple[int, str], ...] = ()


def read_document(content: bytes, hints: DocumentHints) -> ExtractedDocument:
    """Read a document in this process, without limits of time and memory.

    Use `sandbox.read_in_sandbox` for untrusted documents. Raises `SourceRejected` with the reason
    and a remedy.
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
    """Return the error for a document of `size` bytes."""
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
