"""Articles as text files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InvalidInputError
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.text.files import MAX_FILE_BYTES, decode_text, load_draft

TEXT = "وصل الوفد إلى مرسى النور.\nوغادر في المساء."


def test_text_file_is_loaded_verbatim(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text(TEXT, "utf-8")
    draft = load_draft(path, source="صدى النور", published="2026-03-03")
    assert draft.text == TEXT
    assert draft.source == "صدى النور"
    assert str(draft.published) == "2026-03-03"
    assert draft.id.startswith("news-")


def test_edited_file_keeps_its_id(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text(TEXT, "utf-8")
    first = load_draft(path)
    path.write_text(TEXT + " انتهى.", "utf-8")
    assert load_draft(path).id == first.id


def test_file_below_a_root_keeps_its_id_when_the_root_moves(tmp_path: Path) -> None:
    ids = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "news.txt"
        path.write_text(TEXT, "utf-8")
        ids.add(load_draft(path, root=tmp_path / name).id)
    assert len(ids) == 1


def test_files_of_one_name_in_two_folders_have_different_ids(tmp_path: Path) -> None:
    ids = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "news.txt"
        path.write_text(TEXT, "utf-8")
        ids.add(load_draft(path).id)
    assert len(ids) == 2


def test_file_name_need_not_be_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe6\xe7.txt"))
    try:
        path.write_text(TEXT, "utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert load_draft(path).text == TEXT


@pytest.mark.parametrize(
    ("raw", "error_pattern"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("؟ ! …".encode(), "no words"),
        (b"\x89PNG\r\n\x1a\n\x00", "not text in UTF-8"),
        (b"text\x00text", "not plain text"),
        ("وصل الوفد".encode("cp1256"), "not text in UTF-8"),
        ("وصل الوفد".encode("utf-16-le"), "not (plain )?text"),
        (b"\xff\xfea", "not text"),
        (b"%PDF-1.7\n\x01\x02", "not plain text"),
        (b"x" * (MAX_FILE_BYTES + 10_000_000), "20.0 MB, and 10 MB is the most"),
    ],
)
def test_file_without_text_is_rejected_by_name(
    tmp_path: Path, raw: bytes, error_pattern: str
) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(raw)
    with pytest.raises(InvalidInputError, match=error_pattern) as error:
        load_draft(path)
    assert "bad.txt" in error.value.message


@pytest.mark.parametrize("name", ["missing.txt", "a\0b", "x" * 300])
def test_unreadable_file_is_rejected_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot read"):
        load_draft(tmp_path / name)


def test_folder_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="is a folder"):
        load_draft(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_endless_device_is_rejected() -> None:
    with pytest.raises(InvalidInputError, match="is the most"):
        load_draft(Path("/dev/zero"))


def test_invalid_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_text(TEXT, "utf-8")
    with pytest.raises(InvalidInputError, match="url"):
        load_draft(tmp_path / "port.txt", url="not an address")


def test_text_from_standard_input_has_an_id_made_of_its_words() -> None:
    first, again = ExtractedArticle(text=TEXT).to_draft(), ExtractedArticle(text=TEXT).to_draft()
    assert first.id == again.id != ExtractedArticle(text="Other words").to_draft().id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_utf_16_with_byte_order_mark_are_decoded(encoding: str) -> None:
    assert decode_text(TEXT.encode(encoding), "x") == TEXT


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_become_newlines(end: str) -> None:
    assert decode_text(f"وصل{end}غادر".encode(), "x") == "وصل\nغادر"


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode(errors="replace"))))
def test_any_bytes_are_text_with_words_or_invalid_input(raw: bytes) -> None:
    try:
        text = decode_text(raw, "x")
    except InvalidInputError:
        return
    assert any(char.isalnum() for char in text)
    assert "\x00" not in text
