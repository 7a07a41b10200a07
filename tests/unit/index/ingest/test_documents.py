"""Documents of any kind: what they are told by, and what becomes of them."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.ingest.documents import MAX_DOCUMENT_BYTES, ExtractedDocument, read_document
from index.ingest.rejections import RejectReason, SourceRejected
from index.models import DateProvenance
from tests.fixtures.crafted_documents import NEWS, known, packed, paragraph, word
from tests.fixtures.pdf_and_docx import pdf_of, right_aligned

BODY = " ".join(
    f"وقال المتحدث في اليوم {day} إن الوفد زار الميناء والتقى العاملين فيه وسمع منهم."
    for day in ("الأول", "الثاني", "الثالث", "الرابع", "الخامس")
)
PAGE = f"<html><head><title>وفد في الميناء</title></head><body><article><h1>وفد في الميناء</h1><p>{NEWS}</p><p>{BODY}</p></article></body></html>"
PDF = pdf_of([[right_aligned("وصل الوفد إلى مرسى النور", 550, 700)]])
LINES = '{"text": "وصل الوفد.", "published": "2026-02-04"}\n\nnothing\n{"text": "عاد الوفد.", "id": "b"}'


def refusal(content: bytes, **facts: str) -> RejectReason:
    with pytest.raises(SourceRejected) as found:
        read_document(content, known(**facts))
    assert found.value.message
    assert found.value.remedy
    return found.value.reason


@pytest.mark.parametrize("name", [None, "a.txt", "a.pdf", "a.docx", "a.html", "a.jpg", "a"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PAGE.encode(), "page"),
        (PAGE.encode("cp1256"), "page"),
        (f"\ufeff <!-- {NEWS} -->\n{PAGE}".encode(), "page"),
        (f"{NEWS}\n{BODY}".encode(), "text"),
        (f"{NEWS}\n{BODY}".encode("cp1256"), "text"),
        (f"{NEWS}\n{BODY}".encode("utf-16"), "text"),
        (f"[متابعة] {NEWS}".encode(), "text"),
        (PDF, "pdf"),
        (word(paragraph(NEWS)), "word"),
        (LINES.encode(), "lines"),
    ],
)
def test_a_kind_is_told_by_its_content_and_a_wrong_name_does_no_harm(
    content: bytes, kind: str, name: str | None
) -> None:
    read = read_document(content, known(**({"name": name} if name else {})))
    assert read.kind == kind
    assert "الوفد" in read.stories[0].text
    assert read == ExtractedDocument.model_validate_json(read.model_dump_json())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", RejectReason.NO_TEXT),
        (b" \n ", RejectReason.NO_TEXT),
        (b"?! ...", RejectReason.NO_TEXT),
        (b"\x89PNG\r\n\x1a\n", RejectReason.UNSUPPORTED_TYPE),
        (b"\xff\xd8\xff\xe0", RejectReason.UNSUPPORTED_TYPE),
        (b"\0\0\0\x20ftypmp42", RejectReason.UNSUPPORTED_TYPE),
        (b"ID3\x03tag", RejectReason.UNSUPPORTED_TYPE),
        (b"\x1f\x8b\x08\0", RejectReason.UNSUPPORTED_TYPE),
        (b"MZ\x90\0", RejectReason.UNSUPPORTED_TYPE),
        (b"\x7fELF\x02", RejectReason.UNSUPPORTED_TYPE),
        (b"{\\rtf1 a}", RejectReason.UNSUPPORTED_TYPE),
        (
            b"From: <Saved>\nMIME-Version: 1.0\nContent-Type: multipart/related",
            RejectReason.UNSUPPORTED_TYPE,
        ),
        (b'<?xml version="1.0"?><rss><channel/></rss>', RejectReason.UNSUPPORTED_TYPE),
        (b'{\n"text": "a"\n}', RejectReason.UNSUPPORTED_TYPE),
        (b'[{"text": "a"}]', RejectReason.UNSUPPORTED_TYPE),
        (b'{"a":' * 100_000, RejectReason.UNSUPPORTED_TYPE),
        (bytes(range(256)) * 4, RejectReason.UNSUPPORTED_TYPE),
        (packed({"a.txt": NEWS}), RejectReason.UNSUPPORTED_TYPE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), RejectReason.UNSUPPORTED_TYPE),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            RejectReason.PASSWORD_PROTECTED,
        ),
        (b'{"x": 1}\n{"text": ""}', RejectReason.NO_STORY),
        (b'{"text": "abc"}\n' * 1_001, RejectReason.TOO_LARGE),
        (b"a" * (MAX_DOCUMENT_BYTES + 1), RejectReason.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(
    content: bytes, expected: RejectReason
) -> None:
    assert refusal(content) is expected


def test_lines_become_stories_and_bad_ones_are_named() -> None:
    read = read_document(LINES.encode(), known())
    first, second = read.stories
    assert (first.published, first.date_found) == (date(2026, 2, 4), DateProvenance.GIVEN)
    assert (second.published, second.date_found) == (None, DateProvenance.UNKNOWN)
    assert [line for line, _ in read.bad_lines] == [3]
    assert "not JSON" in read.bad_lines[0][1]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# وفد في الميناء #\n\n{NEWS}", "وفد في الميناء"),
        (f"وفد في الميناء\n=====\n{NEWS}", "وفد في الميناء"),
        (f"وفد كبير في الميناء\n\n{NEWS}", "وفد كبير في الميناء"),
        (f"وفد كبير في الميناء\n{NEWS}", None),
        (f"{NEWS}\n\n{BODY}", None),
        (f"وكالة مرسى: الأربعاء 4 فبراير 2026\n\n{NEWS}", None),
        (f"عاجل\n\n{NEWS}", None),
        ("# وفد في الميناء", None),
    ],
)
def test_a_heading_or_a_line_apart_is_the_title(text: str, title: str | None) -> None:
    story = read_document(text.encode(), known()).stories[0]
    assert story.title == title
    assert story.text == (NEWS if title else text)


def test_front_matter_is_read() -> None:
    text = f'---\ntitle: "وفد في الميناء"\ndate: 2026-02-04\nauthor: سعاد المرسى\nsource: وكالة مرسى\nurl: https://amal.example/1\nlayout: post\n---\n\n{NEWS}\n'
    story = read_document(text.encode(), known(name="a.md")).stories[0]
    assert story.text == NEWS
    assert (story.title, story.author, story.source) == (
        "وفد في الميناء",
        "سعاد المرسى",
        "وكالة مرسى",
    )
    assert (story.published, story.date_found) == (date(2026, 2, 4), DateProvenance.PAGE)
    assert story.url == "https://amal.example/1"


def test_facts_that_no_article_can_hold_are_left_out() -> None:
    text = f"---\ntitle: {'أ' * 2_000}\nurl: nowhere\n---\n{NEWS}"
    story = read_document(text.encode(), known(url="ftp://amal.example")).stories[0]
    assert (story.text, story.title, story.url) == (NEWS, None, None)


BEGINNINGS = (
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"<html>",
    b"{",
    b"---\n",
    b"# ",
    b"\xff\xfe",
    PDF[:200],
    word(paragraph(NEWS))[:90],
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300), st.none() | st.text(max_size=20))
@example(b"", b"\xd8\xd8", "\udcff")
@example(b"%PDF-", b"\0", None)
def test_any_bytes_under_any_name_are_read_or_refused(
    beginning: bytes, rest: bytes, name: str | None
) -> None:
    facts = known().model_copy(update={"name": name})
    with suppress(SourceRejected):
        assert read_document(beginning + rest, facts).stories


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([PDF, word(paragraph(NEWS))]), st.data())
def test_a_document_with_some_bytes_changed_is_read_or_refused(
    whole: bytes, data: st.DataObject
) -> None:
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SourceRejected):
        assert read_document(bytes(changed), known()).stories


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1256"])
def test_lines_of_json_in_another_encoding_are_lines(encoding: str) -> None:
    lines = "\n".join(json.dumps({"text": NEWS}, ensure_ascii=False) for _ in range(2))
    document = read_document(lines.encode(encoding), known())
    assert document.kind == "lines"
    assert [each.text for each in document.stories] == [NEWS, NEWS]
