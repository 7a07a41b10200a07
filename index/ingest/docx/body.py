"""Collect the paragraphs of a part of a Word document from its stream of XML elements."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.ingest.docx.package import XmlHandler, damaged_error

_WORD_ELEMENT = re.compile(
    r"\{http://(?:schemas\.openxmlformats\.org/wordprocessingml/2006"
    r"|purl\.oclc\.org/ooxml/wordprocessingml)/main\}(\w+)"
)
"""An element of WordprocessingML, in the transitional or the strict namespace (ISO/IEC 29500)."""
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""A copy of the preceding content for programs that do not support that content."""
_SKIPPED_ELEMENTS = frozenset(("del", "moveFrom", "instrText", "delText", "rt", _FALLBACK))
_SEPARATOR_NOTES = frozenset(("separator", "continuationSeparator", "continuationNotice"))
_ELEMENT_TEXT = {"br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "tab": "\t", "ptab": "\t"}
_FALSE_VALUES = frozenset(("0", "false", "off"))


class DocxParagraph(NamedTuple):
    """A paragraph with its style's id, or a table row with tabs between its cells."""

    text: str
    style: str


class _OpenParagraph:
    """A paragraph that has not ended.

    `joins_next` is true if its paragraph mark was deleted in a revision, so that the next paragraph
    continues it.
    """

    def __init__(self, carried_text: str) -> None:
        self.pieces = [carried_text] if carried_text else []
        self.style = ""
        self.joins_next = False


class BodyHandler(XmlHandler):
    """Collects `paragraphs` of text, tables, text boxes and notes in document order."""

    def __init__(self) -> None:
        self.paragraphs: list[DocxParagraph] = []
        self._open_paragraphs: list[_OpenParagraph] = []
        self._rows: list[list[list[DocxParagraph]]] = []
        self._skip_depth = 0
        self._properties_depth = 0
        self._in_row_properties = False
        self._deleted_rows: set[int] = set()
        self._is_hidden = False
        self._in_text = False
        self._carried_text = ""

    def handle_start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a paragraph, a row or a cell, or start to skip an element.

        Raises `SourceRejected` (DAMAGED) where the text continues in another document.
        """
        local = _local_name(tag)
        if self._skip_depth or self._is_skipped(local, attributes):
            self._skip_depth += 1
        elif self._properties_depth or local in {"pPr", "rPr", "trPr"}:
            self._properties_depth += 1
            self._in_row_properties = self._in_row_properties or local == "trPr"
            self._apply_property(local, attributes)
        elif local == "p":
            self._open_paragraphs.append(_OpenParagraph(self._carried_text))
            self._carried_text = ""
        elif local == "r":
            self._is_hidden = False
        elif local == "t":
            self._in_text = True
        elif local == "tr":
            self._rows.append([])
        elif local == "tc" and self._rows:
            self._rows[-1].append([])
        elif local in {"altChunk", "subDoc"}:
            raise damaged_error("parts of its text lie in another document")
        elif local in _ELEMENT_TEXT:
            self._append_text(_ELEMENT_TEXT[local])

    def end(self, tag: str) -> None:
        """Close a paragraph, a row, a run or a skipped element."""
        local = _local_name(tag)
        if self._skip_depth:
            self._skip_depth -= 1
        elif self._properties_depth:
            self._properties_depth -= 1
            self._in_row_properties = self._in_row_properties and self._properties_depth > 0
        elif local == "p" and self._open_paragraphs:
            self._end_paragraph()
        elif local == "t":
            self._in_text = False
        elif local == "r":
            self._is_hidden = False
        elif local == "tr" and self._rows:
            self._end_row()

    def close(self) -> None:
        """Add the text of a last paragraph whose mark was deleted."""
        if self._carried_text:
            self.paragraphs.append(DocxParagraph(self._carried_text, ""))

    def data(self, text: str) -> None:
        """Append visible text to the open paragraph."""
        if self._in_text and not self._skip_depth:
            self._append_text(text)

    def _is_skipped(self, local: str, attributes: dict[str, str]) -> bool:
        if local in {"footnote", "endnote"}:
            return _attribute_value(attributes, "type") in _SEPARATOR_NOTES
        return local in _SKIPPED_ELEMENTS and not self._properties_depth

    def _apply_property(self, local: str, attributes: dict[str, str]) -> None:
        if local == "pStyle" and self._open_paragraphs:
            self._open_paragraphs[-1].style = _attribute_value(attributes, "val")
        elif local == "vanish":
            self._is_hidden = _attribute_value(attributes, "val") not in _FALSE_VALUES
        elif local == "del" and self._in_row_properties:
            self._deleted_rows.add(len(self._rows))
        elif local == "del" and self._open_paragraphs:
            self._open_paragraphs[-1].joins_next = True

    def _append_text(self, text: str) -> None:
        if self._open_paragraphs and not self._is_hidden:
            self._open_paragraphs[-1].pieces.append(text)

    def _end_paragraph(self) -> None:
        paragraph = self._open_paragraphs.pop()
        text = "".join(paragraph.pieces)
        if paragraph.joins_next:
            self._carried_text = text
        else:
            self._add_paragraph(DocxParagraph(text, paragraph.style))

    def _add_paragraph(self, paragraph: DocxParagraph) -> None:
        open_cell = self._rows[-1][-1:] if self._rows else []
        (open_cell[0] if open_cell else self.paragraphs).append(paragraph)

    def _end_row(self) -> None:
        """Add a row as one line if no cell has two paragraphs, else each paragraph as a line.

        A row that was deleted in a revision is left out.
        """
        is_deleted = len(self._rows) in self._deleted_rows
        self._deleted_rows.discard(len(self._rows))
        cells = [
            [paragraph for paragraph in cell if paragraph.text.strip()] for cell in self._rows.pop()
        ]
        cells = [cell for cell in cells if cell and not is_deleted]
        if all(len(cell) == 1 for cell in cells):
            line = "\t".join(cell[0].text.strip() for cell in cells)
            if line:
                self._add_paragraph(DocxParagraph(line, ""))
            return
        for cell in cells:
            for paragraph in cell:
                self._add_paragraph(paragraph)


def _local_name(tag: str) -> str:
    """Return a WordprocessingML element's name without its namespace, and other names unchanged."""
    match = _WORD_ELEMENT.fullmatch(tag)
    return match[1] if match else tag


def _attribute_value(attributes: dict[str, str], name: str) -> str:
    values = (value for key, value in attributes.items() if key.rpartition("}")[2] == name)
    return next(values, "")
