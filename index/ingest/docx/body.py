"""The paragraphs of a part of a Word document, from the stream of its elements."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.ingest.docx.package import XmlHandler, damaged

_WORDS = re.compile(
    r"\{http://(?:schemas\.openxmlformats\.org/wordprocessingml/2006"
    r"|purl\.oclc\.org/ooxml/wordprocessingml)/main\}(\w+)"
)
"""An element of WordprocessingML, in its usual form and in the strict one (ISO/IEC 29500)."""
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same once more, for older programs."""
_LEFT_OUT = frozenset(("del", "moveFrom", "instrText", "delText", "rt", _FALLBACK))
_NO_NOTES = frozenset(("separator", "continuationSeparator", "continuationNotice"))
_SIGNS = {"br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "tab": "\t", "ptab": "\t"}
_OFF = frozenset(("0", "false", "off"))


class DocxParagraph(NamedTuple):
    """A paragraph, or the row of a table with tabs between its cells, and its style's id."""

    text: str
    style: str


class _OpenParagraph:
    """A paragraph that has not ended; `joined` says that its mark was deleted in a revision."""

    def __init__(self, beginning: str) -> None:
        self.pieces = [beginning] if beginning else []
        self.style = ""
        self.joined = False


class BodyHandler(XmlHandler):
    """Gathers `paragraphs`: of text, tables, text boxes and notes, in the order of the document."""

    def __init__(self) -> None:
        self.paragraphs: list[DocxParagraph] = []
        self._open: list[_OpenParagraph] = []
        self._rows: list[list[list[DocxParagraph]]] = []
        self._left_out = 0
        self._in_properties = 0
        self._of_row = False
        self._deleted_rows: set[int] = set()
        self._hidden = False
        self._in_text = False
        self._carried = ""

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a paragraph, a row or a cell, or leave out what is not read."""
        local = _local(tag)
        if self._left_out or self._is_left_out(local, attributes):
            self._left_out += 1
        elif self._in_properties or local in {"pPr", "rPr", "trPr"}:
            self._in_properties += 1
            self._of_row = self._of_row or local == "trPr"
            self._property(local, attributes)
        elif local == "p":
            self._open.append(_OpenParagraph(self._carried))
            self._carried = ""
        elif local == "r":
            self._hidden = False
        elif local == "t":
            self._in_text = True
        elif local == "tr":
            self._rows.append([])
        elif local == "tc" and self._rows:
            self._rows[-1].append([])
        elif local in {"altChunk", "subDoc"}:
            raise damaged("parts of its text lie in another document")
        elif local in _SIGNS:
            self._write(_SIGNS[local])

    def end(self, tag: str) -> None:
        """Keep a paragraph or a row that has ended."""
        local = _local(tag)
        if self._left_out:
            self._left_out -= 1
        elif self._in_properties:
            self._in_properties -= 1
            self._of_row = self._of_row and self._in_properties > 0
        elif local == "p" and self._open:
            self._end_paragraph()
        elif local == "t":
            self._in_text = False
        elif local == "r":
            self._hidden = False
        elif local == "tr" and self._rows:
            self._end_row()

    def close(self) -> None:
        """Keep what was carried to a paragraph that does not come."""
        if self._carried:
            self.paragraphs.append(DocxParagraph(self._carried, ""))

    def data(self, text: str) -> None:
        """Write text that is shown into the open paragraph."""
        if self._in_text and not self._left_out:
            self._write(text)

    def _is_left_out(self, local: str, attributes: dict[str, str]) -> bool:
        if local in {"footnote", "endnote"}:
            return _value(attributes, "type") in _NO_NOTES
        return local in _LEFT_OUT and not self._in_properties

    def _property(self, local: str, attributes: dict[str, str]) -> None:
        if local == "pStyle" and self._open:
            self._open[-1].style = _value(attributes, "val")
        elif local == "vanish":
            self._hidden = _value(attributes, "val") not in _OFF
        elif local == "del" and self._of_row:
            self._deleted_rows.add(len(self._rows))
        elif local == "del" and self._open:
            self._open[-1].joined = True

    def _write(self, text: str) -> None:
        if self._open and not self._hidden:
            self._open[-1].pieces.append(text)

    def _end_paragraph(self) -> None:
        ended = self._open.pop()
        text = "".join(ended.pieces)
        if ended.joined:
            self._carried = text
        else:
            self._keep(DocxParagraph(text, ended.style))

    def _keep(self, paragraph: DocxParagraph) -> None:
        inside = self._rows[-1][-1:] if self._rows else []
        (inside[0] if inside else self.paragraphs).append(paragraph)

    def _end_row(self) -> None:
        """Make one line of a row of short cells; where a cell has paragraphs, each is a line.

        A row that was deleted in a revision is left out.
        """
        is_deleted = len(self._rows) in self._deleted_rows
        self._deleted_rows.discard(len(self._rows))
        cells = [[each for each in cell if each.text.strip()] for cell in self._rows.pop()]
        cells = [cell for cell in cells if cell and not is_deleted]
        if all(len(cell) == 1 for cell in cells):
            line = "\t".join(cell[0].text.strip() for cell in cells)
            if line:
                self._keep(DocxParagraph(line, ""))
            return
        for cell in cells:
            for paragraph in cell:
                self._keep(paragraph)


def _local(tag: str) -> str:
    """Return the name of an element of WordprocessingML, and any other as it is."""
    found = _WORDS.fullmatch(tag)
    return found[1] if found else tag


def _value(attributes: dict[str, str], name: str) -> str:
    found = (value for key, value in attributes.items() if key.rpartition("}")[2] == name)
    return next(found, "")
