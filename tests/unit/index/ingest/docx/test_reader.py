"""Word documents, read as a stream, within limits."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest

from index.ingest.docx.reader import read_docx
from index.ingest.rejections import RejectReason, SourceRejected
from tests.fixtures.crafted_documents import NEWS, links, packed, paragraph, word


def refusal(content: bytes) -> RejectReason:
    with pytest.raises(SourceRejected) as rejected:
        read_docx(content)
    assert rejected.value.message
    assert rejected.value.remedy
    return rejected.value.reason


def run(inside: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inside}</w:r>"


def test_a_document_of_word_is_read_with_its_title_and_author() -> None:
    document = docx.Document()
    document.add_heading("الوفد في مرسى النور", 1)
    document.add_paragraph(NEWS)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "السفن", "12"
    document.add_paragraph("ثم عاد.")
    document.core_properties.author = "سعاد المرسى"
    document.core_properties.title = "Microsoft Word - Document1"
    file = io.BytesIO()
    document.save(file)
    read = read_docx(file.getvalue(), url="https://amal.example/1")
    assert read.title == "الوفد في مرسى النور"
    assert read.text == f"{NEWS}\nالسفن\t12\nثم عاد."
    assert (read.author, read.url, read.published) == (
        "سعاد المرسى",
        "https://amal.example/1",
        None,
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<w:p><w:del><w:r><w:delText>لم </w:delText></w:r></w:del><w:ins>"
            + run("<w:t>وصل</w:t>")
            + "</w:ins></w:p>",
            "وصل",
        ),
        (
            "<w:p><w:moveFrom>"
            + run("<w:t>وصل</w:t>")
            + "</w:moveFrom><w:moveTo>"
            + run("<w:t>عاد</w:t>")
            + "</w:moveTo></w:p>",
            "عاد",
        ),
        (
            "<w:p>"
            + run("<w:t>سر</w:t>", "<w:vanish/>")
            + run("<w:t>علن</w:t>", '<w:vanish w:val="0"/>')
            + "</w:p>",
            "علن",
        ),
        (
            "<w:p>" + run("<w:t>أ</w:t><w:tab/><w:t>ب</w:t><w:br/><w:t>ج</w:t>") + "</w:p>",
            "أ\tب\nج",
        ),
        ("<w:p>" + run("<w:instrText>PAGE</w:instrText>") + run("<w:t>7</w:t>") + "</w:p>", "7"),
        (
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
            + run("<w:t>وصل </w:t>")
            + "</w:p>"
            + paragraph("الوفد"),
            "وصل الوفد",
        ),
        (
            "<w:p>"
            + run(
                f"<w:pict><w:txbxContent>{paragraph('إطار')}</w:txbxContent></w:pict><w:t>متن</w:t>"
            )
            + "</w:p>",
            "إطار\nمتن",
        ),
        (
            f"<w:tbl><w:tr><w:tc>{paragraph('أ')}{paragraph('ب')}</w:tc><w:tc>{paragraph('ج')}</w:tc></w:tr></w:tbl>",
            "أ\nب\nج",
        ),
        (
            "<w:sdt><w:sdtContent>" + paragraph("داخل") + "</w:sdtContent></w:sdt>" + paragraph(""),
            "داخل",
        ),
        (
            "<w:p>"
            + run("<w:rPr><w:rtl/></w:rPr><w:t>في </w:t>")
            + run("<w:t>Radio Amal</w:t>")
            + run("<w:t> 98</w:t>")
            + "</w:p>",
            "في Radio Amal 98",
        ),
    ],
    ids=[
        "revisions",
        "moves",
        "hidden",
        "signs",
        "fields",
        "joined",
        "boxes",
        "cells",
        "controls",
        "runs",
    ],
)
def test_what_a_reader_sees_is_what_is_read(body: str, text: str) -> None:
    assert read_docx(word(body)).text == text


def test_footnotes_stand_after_the_text() -> None:
    notes = f'<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:type="separator">{paragraph("---")}</w:footnote><w:footnote>{paragraph("بحسب الميناء.")}</w:footnote></w:footnotes>'
    content = word(
        paragraph(NEWS),
        **{
            "word/_rels/document.xml.rels": links(("footnotes", "footnotes.xml")),
            "word/footnotes.xml": notes,
        },
    )
    assert read_docx(content).text == f"{NEWS}\nبحسب الميناء."


def test_the_strict_form_and_another_name_of_the_main_part_are_read() -> None:
    strict = f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{paragraph(NEWS)}</w:body></w:document>'
    content = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": links(("officeDocument", "/word/document2.xml")),
            "word/document2.xml": strict,
        }
    )
    assert read_docx(content).text == NEWS


ENTITIES = '<!DOCTYPE d [<!ENTITY a "ها"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (packed({"photo.jpg": b"x"}), RejectReason.UNSUPPORTED_TYPE),
        (
            packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"}),
            RejectReason.UNSUPPORTED_TYPE,
        ),
        (packed({"[Content_Types].xml": "<Types/>"}), RejectReason.DAMAGED),
        (word(paragraph(NEWS))[:-30], RejectReason.DAMAGED),
        (word(paragraph(NEWS)).replace(b"PK\x03\x04", b"PK\x03\x05"), RejectReason.DAMAGED),
        (word("<w:p>"), RejectReason.DAMAGED),
        (word(paragraph(NEWS), **{"word/vbaProject.bin": "x"}), RejectReason.MACROS),
        (
            packed(
                {"[Content_Types].xml": "<Types/>", "word/document.xml": ENTITIES + "<d>&b;&c;</d>"}
            ),
            RejectReason.DAMAGED,
        ),
        (
            word(
                paragraph(NEWS),
                **{
                    "word/_rels/document.xml.rels": links(
                        ("subDocument", "http://amal.example/x"), mode="External"
                    )
                },
            ),
            RejectReason.DAMAGED,
        ),
        (word(paragraph(NEWS) + "<w:altChunk/>"), RejectReason.DAMAGED),
        (word(paragraph("؟!")), RejectReason.NO_TEXT),
    ],
    ids=[
        "a zip",
        "a table",
        "no text part",
        "cut",
        "broken",
        "no end",
        "macros",
        "entities",
        "elsewhere",
        "other document",
        "no words",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(
    content: bytes, expected: RejectReason
) -> None:
    assert refusal(content) is expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: word(("<w:p><w:r><w:t>", *["و" * 1_000_000] * 60, "</w:t></w:r></w:p>")),
        lambda: word(paragraph(NEWS), **{f"word/{number}.xml": "" for number in range(4_000)}),
        lambda: word("<w:p/>" * 610_000),
    ],
    ids=["a bomb", "parts", "elements"],
)
def test_what_is_too_complex_is_refused_with_a_remedy(make: Callable[[], bytes]) -> None:
    assert refusal(make()) is RejectReason.TOO_COMPLEX


def test_links_and_pictures_that_lie_elsewhere_are_not_followed() -> None:
    outside = links(
        ("hyperlink", "http://amal.example"),
        ("image", "http://amal.example/1.png"),
        ("attachedTemplate", "http://amal.example/t.dotm"),
        mode="External",
    )
    content = word(paragraph(NEWS), **{"word/_rels/document.xml.rels": outside})
    assert read_docx(content).text == NEWS


def test_nesting_to_any_depth_costs_nothing() -> None:
    body = "<w:sdt>" * 100_000 + paragraph(NEWS) + "</w:sdt>" * 100_000
    assert read_docx(word(body)).text == NEWS


def test_a_locked_document_is_refused() -> None:
    content = bytearray(word(paragraph(NEWS)))
    place = content.index(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 4)
    assert refusal(bytes(content)) is RejectReason.PASSWORD_PROTECTED


def test_a_document_that_calls_itself_one_with_macros_is_refused() -> None:
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    with pytest.raises(SourceRejected) as refused:
        read_docx(word(paragraph(NEWS), **{"[Content_Types].xml": types}))
    assert refused.value.reason is RejectReason.MACROS


def test_a_document_whose_text_lies_elsewhere_is_refused() -> None:
    elsewhere = links(("officeDocument", "http://noran.example/main.xml"), mode="External")
    with pytest.raises(SourceRejected) as refused:
        read_docx(word(paragraph(NEWS), **{"_rels/.rels": elsewhere}))
    assert refused.value.reason is RejectReason.DAMAGED


def test_a_row_that_was_deleted_is_left_out() -> None:
    rows = (
        f"<w:tr><w:tc>{paragraph('kept')}</w:tc></w:tr>"
        f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('deleted')}</w:tc></w:tr>"
    )
    text = read_docx(word(f"{paragraph(NEWS)}<w:tbl>{rows}</w:tbl>")).text
    assert "kept" in text
    assert "deleted" not in text
