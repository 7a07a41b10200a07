"""Load what reading a content needs, before the process is confined and can open no file.

The readers import their libraries when they are first used, so that a process that reads nothing
does not load them.
"""

from __future__ import annotations

from importlib import import_module

from index.ingest.charset import load_codecs
from index.ingest.file_type import FileType, detect_file_type
from index.ingest.sandbox import ReadKind, SandboxRequest
from index.urls import load_public_suffixes

_DATE_MODULES = ("index.text.dates.parser", "hijridate")
_DOCUMENT_MODULES = {
    FileType.HTML: (
        *_DATE_MODULES,
        "courlan",
        "htmldate",
        "index.ingest.html.reader",
        "lxml.html",
        "trafilatura",
    ),
    FileType.TEXT: (*_DATE_MODULES, "index.ingest.text.plain_text"),
    FileType.PDF: ("encodings.utf_16_le", "index.ingest.pdf.reader", "pypdfium2.raw"),
    FileType.DOCX: ("encodings.cp437", "index.ingest.docx.reader", "lxml.etree"),
    FileType.JSON_LINES: (*_DATE_MODULES, "index.ingest.text.json_lines"),
}
_FEED_MODULES = (
    *_DATE_MODULES,
    "courlan",
    "feedparser",
    "index.ingest.feeds.html_listing",
    "index.ingest.feeds.json_feed",
    "index.ingest.feeds.reader",
    "index.ingest.feeds.rss_atom",
    "index.ingest.feeds.sitemap",
    "lxml.html",
    "xml.sax.expatreader",
)
_OPML_MODULES = ("index.ingest.feeds.opml", "lxml.etree")


def load_libraries(request: SandboxRequest, content: bytes) -> None:
    """Load the libraries, their data and the codecs for `content`. Raises `SourceRejected`."""
    modules = _list_modules(request, content)
    for module in modules:
        import_module(module)
    if "courlan" in modules:
        load_public_suffixes()
    if "trafilatura" in modules:
        _load_stop_words()
    load_codecs(content, request.hints.charset if request.hints else None)


def _load_stop_words() -> None:
    """Load the stop words of trafilatura, which otherwise reads them for pages of few words."""
    from trafilatura.external import jt_stoplist_init

    jt_stoplist_init()


def _list_modules(request: SandboxRequest, content: bytes) -> tuple[str, ...]:
    match request.kind:
        case ReadKind.DOCUMENT:
            hints = request.required_hints
            return _DOCUMENT_MODULES[detect_file_type(content, hints.name, hints.content_type)]
        case ReadKind.FEED:
            return _FEED_MODULES
        case ReadKind.OPML:
            return _OPML_MODULES
        case ReadKind.CONFINEMENT:
            return ()
