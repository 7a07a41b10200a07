"""Word documents: whole files, or the XML of a body, which is put into a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from index.ingest.docx.reader import read_docx
from tests.fixtures.crafted_documents import packed, paragraph, word
from tests.fuzz.harness import read_or_refuse

_BODY = "word/document.xml"
_TABLE = (
    f"<w:tbl><w:tr><w:tc>{paragraph('40')}</w:tc><w:tc>{paragraph('buckets')}</w:tc></w:tr></w:tbl>"
)
_RUNS = (
    "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:del><w:r><w:delText>no</w:delText>"
    "</w:r></w:del><w:ins><w:r><w:t>yes</w:t><w:br/><w:tab/></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr>"
    "<w:t>unseen</w:t></w:r><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>DATE</w:instrText></w:r>"
    "<w:r><w:fldChar w:fldCharType='end'/></w:r><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>"
)
_FILE = word(
    paragraph("The dam above Noran was opened.", "Title")
    + paragraph("افتتح السوق")
    + _TABLE
    + _RUNS
)
with zipfile.ZipFile(io.BytesIO(_FILE)) as _archive:
    SEEDS = (_FILE, _archive.read(_BODY))


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data: it has no Word documents."""
    return iter(())


def run(data: bytes) -> None:
    """Read a Word document."""
    content = (
        data if data.startswith(b"PK") else packed({"[Content_Types].xml": "<Types/>", _BODY: data})
    )
    if read := read_or_refuse(lambda: read_docx(content)):
        read.model_dump_json().encode()
