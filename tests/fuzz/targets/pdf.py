"""PDF files."""

from __future__ import annotations

from collections.abc import Iterator

from index.ingest.pdf.reader import read_pdf
from tests.fixtures.pdf_and_docx import from_left, pdf_of, right_aligned
from tests.fuzz.harness import evaluation_files, read_or_refuse

SEEDS = (
    pdf_of([[from_left("The dam above Noran was opened on Thursday.", 50, 700)]]),
    pdf_of([[right_aligned("افتتح سوق السمك الجديد", 500, 700)]], properties={"Title": "السوق"}),
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data."""
    return evaluation_files("pdf", ".pdf")


def run(data: bytes) -> None:
    """Read a PDF file."""
    if read := read_or_refuse(lambda: read_pdf(data)):
        read.model_dump_json().encode()
