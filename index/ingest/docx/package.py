"""The parts of a .docx, read one by one within limits, so that no bomb goes off."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Self

from index.ingest.file_type import unknown
from index.ingest.rejections import RejectReason, SourceRejected

MAX_PARTS = 3_000
CONTENT_TYPES = "[Content_Types].xml"
MAX_UNPACKED_BYTES = 100_000_000
"""The most bytes of XML, unpacked, that are read of one document."""
MAX_ELEMENTS = 600_000
"""Nesting costs nothing here: no tree is made of the elements."""
_PIECE = 64_000
_ENCRYPTED = 0x1
_PACKINGS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""`zipfile` unpacks these piece by piece, and others (bzip2, LZMA) whole."""
_ANOTHER = "Open it, save it anew as .docx and send it again, or paste its text"
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises on a damaged archive."""


def damaged(why: str) -> SourceRejected:
    """Return the refusal of a document that no Word would have written."""
    return SourceRejected(RejectReason.DAMAGED, f"the Word document is damaged: {why}", _ANOTHER)


def _too_complex(why: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_COMPLEX, f"the Word document {why}", "Paste its text instead"
    )


class DocxPackage:
    """The parts of a .docx. Raises `SourceRejected` for what is another archive, locked or has macros."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            found = self._zip.infolist()
        except _FAULTS:
            raise damaged("it cannot be unpacked") from None
        if len(found) > MAX_PARTS:
            raise _too_complex(f"has {len(found):,} parts, and {MAX_PARTS:,} is the most")
        if any(part.compress_type not in _PACKINGS for part in found):
            raise damaged("it is packed as Word packs nothing")
        self.names = frozenset(part.filename for part in found)
        self._read = 0
        self._elements = 0
        _refuse_others(self.names)
        if any(part.flag_bits & _ENCRYPTED for part in found):
            raise SourceRejected(
                RejectReason.LOCKED, "it is locked with a password", "Send it without a password"
            )

    def require_no_macros(self) -> None:
        """Raise `SourceRejected` where the document calls itself one with a program in it."""
        if any(b"macroenabled" in piece.lower() for piece in self._pieces(CONTENT_TYPES)):
            raise _with_macros()

    def parse(self, name: str, reader: XmlHandler) -> None:
        """Give every element of a part to `reader`, in order."""
        from lxml import etree

        reader.counted = self._count
        parser = etree.XMLParser(
            target=reader, resolve_entities=False, no_network=True, load_dtd=False
        )
        try:
            for piece in self._pieces(name):
                parser.feed(piece)
            parser.close()
        except etree.XMLSyntaxError:
            raise damaged("a part of it is no XML") from None
        except _FAULTS:
            raise damaged("a part of it cannot be unpacked") from None

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a part piece by piece, as far as the whole document may go."""
        try:
            with self._zip.open(name) as part:
                while piece := part.read(_PIECE):
                    self._read += len(piece)
                    if self._read > MAX_UNPACKED_BYTES:
                        raise _too_complex(
                            f"has more than {MAX_UNPACKED_BYTES / 1e6:.0f} MB of text"
                        )
                    yield piece
        except _FAULTS:
            raise damaged("a part of it cannot be unpacked") from None

    def _count(self) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _too_complex(f"has more than {MAX_ELEMENTS:,} elements")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


class XmlHandler:
    """What is told of a part's elements; the base takes no notice of them."""

    counted: Any

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take notice of an element's beginning; its name is «{namespace}local»."""
        self.counted()
        self.begins(tag, attributes)

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        """Take notice of an element's beginning, which has been counted."""

    def end(self, tag: str) -> None:
        """Take notice of an element's end."""

    def data(self, text: str) -> None:
        """Take notice of text."""

    def doctype(self, *_: object) -> None:
        """Refuse a document type, and with it entities of every kind: Word writes none."""
        raise damaged("it declares a document type, which no Word document has")

    def close(self) -> None:
        """Take notice of the part's end."""


def _refuse_others(names: frozenset[str]) -> None:
    if any(re.search(r"(?i)vbaProject\.bin$|vbaData\.xml$", name) for name in names):
        raise _with_macros()
    folders = {name.partition("/")[0].lower() for name in names}
    if folders & {"xl", "ppt"} and "word" not in folders:
        raise unknown("a table or a set of slides", "Paste its text, or save it as .pdf")
    if CONTENT_TYPES not in names:
        raise unknown("an archive", "Unpack it and send what is in it")


def _with_macros() -> SourceRejected:
    return SourceRejected(
        RejectReason.MACROS,
        "it is a Word document with a program (macros) in it",
        "Save it as .docx without macros and send it again, or paste its text",
    )


def part_named(target: str, beside: str) -> str:
    """Return the name of the part that a relationship of the part `beside` leads to."""
    if target.startswith("/"):
        return target[1:]
    parts = beside.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
