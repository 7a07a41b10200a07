"""Read the parts of a .docx within limits on parts, bytes and elements, against zip bombs."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Self

from index.ingest.file_type import unsupported_type_error
from index.ingest.rejections import RejectReason, SourceRejected

MAX_PARTS = 3_000
CONTENT_TYPES = "[Content_Types].xml"
MAX_UNPACKED_BYTES = 100_000_000
"""The limit of unpacked XML that is read of one document."""
MAX_ELEMENTS = 600_000
"""The limit of elements in one document. Nesting needs no limit, because no tree is built."""
_CHUNK_BYTES = 64_000
_ENCRYPTED_FLAG = 0x1
_COMPRESSION_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""`zipfile` unpacks these in chunks, but others (bzip2, LZMA) as a whole."""
_RESAVE_HINT = "Open it, save it anew as .docx and send it again, or paste its text"
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""The errors that `zipfile` raises for a damaged archive."""


def damaged_error(reason: str) -> SourceRejected:
    """Return the rejection of a document that Word would not have written."""
    return SourceRejected(
        RejectReason.DAMAGED, f"the Word document is damaged: {reason}", _RESAVE_HINT
    )


def _too_complex_error(reason: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_COMPLEX, f"the Word document {reason}", "Paste its text instead"
    )


class DocxPackage:
    """The parts of a .docx file, given as bytes.

    Raises `SourceRejected` for other archives, encrypted or damaged files, files with macros and
    files of too many parts.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            parts = self._zip.infolist()
        except _ZIP_ERRORS:
            raise damaged_error("it cannot be unpacked") from None
        if len(parts) > MAX_PARTS:
            raise _too_complex_error(f"has {len(parts):,} parts, and {MAX_PARTS:,} is the most")
        if any(part.compress_type not in _COMPRESSION_METHODS for part in parts):
            raise damaged_error("it is packed as Word packs nothing")
        self.part_names = frozenset(part.filename for part in parts)
        self._bytes_read = 0
        self._element_count = 0
        _reject_unsupported(self.part_names)
        if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
            raise SourceRejected(
                RejectReason.PASSWORD_PROTECTED,
                "it is locked with a password",
                "Send it without a password",
            )

    def require_no_macros(self) -> None:
        """Raise `SourceRejected` if the content types declare a macro-enabled document."""
        if any(b"macroenabled" in chunk.lower() for chunk in self._read_chunks(CONTENT_TYPES)):
            raise _macros_error()

    def parse(self, name: str, handler: XmlHandler) -> None:
        """Pass every element of a part to `handler`, in order.

        Raises `SourceRejected` for malformed XML and beyond the limits.
        """
        from lxml import etree

        handler.on_element = self._count_element
        parser = etree.XMLParser(
            target=handler, resolve_entities=False, no_network=True, load_dtd=False
        )
        try:
            for chunk in self._read_chunks(name):
                parser.feed(chunk)
            parser.close()
        except etree.XMLSyntaxError:
            raise damaged_error("a part of it is no XML") from None
        except _ZIP_ERRORS:
            raise damaged_error("a part of it cannot be unpacked") from None

    def _read_chunks(self, name: str) -> Iterator[bytes]:
        """Unpack a part in chunks, up to the limit of bytes for the whole document."""
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(_CHUNK_BYTES):
                    self._bytes_read += len(chunk)
                    if self._bytes_read > MAX_UNPACKED_BYTES:
                        raise _too_complex_error(
                            f"has more than {MAX_UNPACKED_BYTES / 1e6:.0f} MB of text"
                        )
                    yield chunk
        except _ZIP_ERRORS:
            raise damaged_error("a part of it cannot be unpacked") from None

    def _count_element(self) -> None:
        self._element_count += 1
        if self._element_count > MAX_ELEMENTS:
            raise _too_complex_error(f"has more than {MAX_ELEMENTS:,} elements")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


class XmlHandler:
    """Base of lxml parser targets; it counts elements and ignores them otherwise."""

    on_element: Any

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Count the start of an element, named «{namespace}local», and handle it."""
        self.on_element()
        self.handle_start(tag, attributes)

    def handle_start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""

    def end(self, tag: str) -> None:
        """Handle the end of an element."""

    def data(self, text: str) -> None:
        """Handle text."""

    def doctype(self, *_: object) -> None:
        """Reject a document type, and thereby entities of every kind; Word writes neither."""
        raise damaged_error("it declares a document type, which no Word document has")

    def close(self) -> None:
        """Handle the end of the part."""


def _reject_unsupported(names: frozenset[str]) -> None:
    if any(re.search(r"(?i)vbaProject\.bin$|vbaData\.xml$", name) for name in names):
        raise _macros_error()
    folders = {name.partition("/")[0].lower() for name in names}
    if folders & {"xl", "ppt"} and "word" not in folders:
        raise unsupported_type_error(
            "a table or a set of slides", "Paste its text, or save it as .pdf"
        )
    if CONTENT_TYPES not in names:
        raise unsupported_type_error("an archive", "Unpack it and send what is in it")


def _macros_error() -> SourceRejected:
    return SourceRejected(
        RejectReason.MACROS,
        "it is a Word document with a program (macros) in it",
        "Save it as .docx without macros and send it again, or paste its text",
    )


def resolve_part_name(target: str, source_part: str) -> str:
    """Return the name of the part that the target of a relationship of `source_part` refers to."""
    if target.startswith("/"):
        return target[1:]
    parts = source_part.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
