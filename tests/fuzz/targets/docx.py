"""Word documents: whole files, or the XML of a body, which is put into a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from index.ingest.docx.reader import read_docx
from tests.fixtures.crafted_documents import packed, paragraph, word
from tests.fuzz.harness import read_or_refuse

_BODY = "word/document.xml"
_FILE = word(paragraph("The dam above Noran was opened.", "Title") + paragraph("افتتح السوق"))
with zipfile.ZipFile(io.BytesIO(_FILE)) as _archive:
    SEEDS = (_FILE, _archive.read(_BODY))


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data: it has no Word documents."""
    return iter(())


def run(data: bytes) -> None:
    """Read a Word document."""
    content = data if data.startswith(b"PK") else packed({_BODY: data})
    if read := read_or_refuse(lambda: read_docx(content)):
        read.model_dump_json().encode()
