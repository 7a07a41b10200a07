"""Compare the reader of Word documents with mammoth's conversion to HTML.

    pip install mammoth && python -m bench.ingest.word

Small documents, one for each thing that a reader must get right, and large ones. Each large
document is read in a process of its own, with 4 GB of address space at most; CPU time and peak
memory are printed, or the error.
"""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
from collections.abc import Callable

from index.ingest.docx.reader import read_docx
from tests.fixtures.crafted_documents import links, packed, paragraph, word

_WORDS = "وصل وفد مدينة نوران إلى ميناء الرمال صباح الأحد"
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _run(inside: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inside}</w:r>"


def _rows(*cells: str) -> str:
    return "".join(f"<w:tc>{cell}</w:tc>" for cell in cells)


SMALL: dict[str, tuple[bytes, str]] = {
    "revision": (
        word(
            "<w:p><w:del><w:r><w:delText>لم </w:delText></w:r></w:del>"
            + _run("<w:t>وصل</w:t>")
            + "</w:p>"
        ),
        "وصل",
    ),
    "hidden run": (
        word("<w:p>" + _run("<w:t>سر</w:t>", "<w:vanish/>") + _run("<w:t>علن</w:t>") + "</w:p>"),
        "علن",
    ),
    "tab and line break": (
        word("<w:p>" + _run("<w:t>أ</w:t><w:tab/><w:t>ب</w:t><w:br/><w:t>ج</w:t>") + "</w:p>"),
        "أ\tب\nج",
    ),
    "no-break hyphen": (
        word("<w:p>" + _run("<w:t>F</w:t><w:noBreakHyphen/><w:t>16</w:t>") + "</w:p>"),
        "F\u201116",
    ),
    "field code": (
        word("<w:p>" + _run("<w:instrText>PAGE</w:instrText>") + _run("<w:t>7</w:t>") + "</w:p>"),
        "7",
    ),
    "joined paragraphs": (
        word(
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
            + _run("<w:t>وصل </w:t>")
            + "</w:p>"
            + paragraph("الوفد")
        ),
        "وصل الوفد",
    ),
    "text box": (
        word(
            "<w:p>"
            + _run(
                f"<w:pict><w:txbxContent>{paragraph('إطار')}</w:txbxContent></w:pict><w:t>متن</w:t>"
            )
            + "</w:p>"
        ),
        "إطار\nمتن",
    ),
    "row of short cells": (
        word(f"<w:tbl><w:tr>{_rows(paragraph('السفن'), paragraph('12'))}</w:tr></w:tbl>"),
        "السفن\t12",
    ),
    "row of long cells": (
        word(
            f"<w:tbl><w:tr>{_rows(paragraph('أ') + paragraph('ب'), paragraph('ج'))}</w:tr></w:tbl>"
        ),
        "أ\nب\nج",
    ),
    "deleted row": (
        word(
            f"{paragraph(_WORDS)}<w:tbl><w:tr><w:trPr><w:del/></w:trPr>{_rows(paragraph('حذف'))}</w:tr></w:tbl>"
        ),
        _WORDS,
    ),
    "footnote": (
        word(
            paragraph(_WORDS),
            **{
                "word/_rels/document.xml.rels": links(("footnotes", "footnotes.xml")),
                "word/footnotes.xml": f'<w:footnotes xmlns:w="{_NAMESPACE}">'
                f"<w:footnote>{paragraph('هامش')}</w:footnote></w:footnotes>",
            },
        ),
        f"{_WORDS}\nهامش",
    ),
    "strict form": (
        packed(
            {
                "[Content_Types].xml": "<Types/>",
                "_rels/.rels": links(("officeDocument", "/word/document2.xml")),
                "word/document2.xml": f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{paragraph(_WORDS)}</w:body></w:document>',
            }
        ),
        _WORDS,
    ),
}
LARGE: dict[str, Callable[[], bytes]] = {
    "20,000 paragraphs": lambda: word(paragraph(_WORDS) * 20_000),
    "190,000 paragraphs": lambda: word(paragraph("وصل") * 190_000),
    "nested 100,000 deep": lambda: word(
        "<w:sdt>" * 100_000 + paragraph(_WORDS) + "</w:sdt>" * 100_000
    ),
}
_SCRIPT = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from bench.ingest import word
content = word.LARGE[sys.argv[1]]()
read = word.READERS[sys.argv[2]]
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    result = f"{len(read(content)):,} characters"
except BaseException as error:
    result = type(error).__name__
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024
print(f"{result}, {time.process_time() - start:.2f} s, +{peak:.0f} MB")
"""


def read_by_mammoth(content: bytes) -> str:
    """Return the text of mammoth's HTML, with a line for each block and a tab after a cell."""
    import mammoth

    markup = mammoth.convert_to_html(io.BytesIO(content)).value
    markup = re.sub(r"</p></td>", "</td>", markup)
    markup = re.sub(r"</td>", "\t", re.sub(r"</(?:p|h\d|li|tr)>|<br ?/>", "\n", markup))
    text = html.unescape(re.sub(r"<[^>]+>", "", markup))
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


READERS: dict[str, Callable[[bytes], str]] = {
    "read_docx": lambda content: read_docx(content).text,
    "mammoth": read_by_mammoth,
}


def main() -> None:
    for name, read in READERS.items():
        wrong = {}
        for kind, (content, expected) in SMALL.items():
            try:
                text = read(content)
            except Exception as error:  # noqa: BLE001 - any failure is a result here
                text = type(error).__name__
            if text != expected:
                wrong[kind] = text
        print(f"{name}: {len(SMALL) - len(wrong)} of {len(SMALL)} small documents; not: {wrong}")
    for kind in LARGE:
        for name in READERS:
            done = subprocess.run(
                [sys.executable, "-c", _SCRIPT, kind, name],
                capture_output=True,
                text=True,
                check=False,
            )
            print(f"{kind}, {name}: {done.stdout.strip() or f'ended with {done.returncode}'}")


if __name__ == "__main__":
    main()
