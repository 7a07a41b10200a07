"""Bytes become letters, whatever encoding they say they have."""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.charset import decode, to_printable

ARABIC = (
    "أعلن المجلس البلدي في مدينة نوران، صباح الخميس، إعادة فتح ميناء الرمال أمام السفن التجارية."
)
SHORT = "فتح ميناء الرمال الأحد"
FRENCH = (
    "L'École a été créée en 2018 ; le maire, âgé de 50 ans, a déclaré : « C'est une œuvre d'État »."
)
ENGLISH = "The council of Noran said \u201cyes\u201d \u2013 and the caf\u00e9 is open."
DECLARED = [
    None,
    "utf-8",
    "windows-1256",
    "iso-8859-1",
    "iso-8859-6",
    "cp1252",
    "nonsense",
    "utf-16",
    "utf-7",
    "rot13",
    "\x00",
]


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ARABIC, "utf-8"),
        (ARABIC, "utf-8-sig"),
        (ARABIC, "cp1256"),
        (ARABIC, "iso8859-6"),
        (ARABIC, "utf-16"),
        (ARABIC, "utf-32"),
        (f"<p>{ARABIC}</p>{'<br>' * 50}", "utf-16-le"),
        (f"<p>{ARABIC}</p>{'<br>' * 50}", "utf-16-be"),
        (SHORT, "utf-8"),
        (SHORT, "cp1256"),
        ("عاد العمال إلى الميناء بعد سبعة أسابيع", "cp1256"),
        (FRENCH, "utf-8"),
        (FRENCH, "cp1252"),
        (ENGLISH, "utf-8"),
        (ENGLISH, "cp1252"),
        ("plain words", "ascii"),
        ("Новости города", "utf-8"),
        ("新闻 😀", "utf-8"),
    ],
)
def test_text_is_read_whatever_was_declared(text: str, encoding: str, declared: str | None) -> None:
    raw = text.encode(encoding)
    assert decode(raw, declared) == text


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="utf-8">',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">',
        '<?xml version="1.0" encoding="windows-1256"?>',
        "<meta charset=iso-8859-1>",
        "<meta charset='no such thing'>",
    ],
)
def test_what_a_page_declares_of_itself_misleads_nobody(head: str) -> None:
    for encoding in ("utf-8", "cp1256"):
        page = f"{head}<p>{ARABIC}</p>"
        assert decode(page.encode(encoding)) == page


def test_an_encoding_that_is_declared_and_fits_is_taken_of_two_that_read_alike() -> None:
    euro = "Le prix est de 5 \u20ac à Noran, où l'été est fini"
    assert decode(euro.encode("iso8859-15"), "iso-8859-15") == euro


@pytest.mark.parametrize("other", ["cp1256", "cp1252"])
def test_pieces_in_another_encoding_are_read_as_well(other: str) -> None:
    piece = ARABIC if other == "cp1256" else FRENCH
    raw = b"<p>" + ARABIC.encode() * 5 + b"</p>\n<p>" + piece.encode(other) + b"</p>"
    assert decode(raw, "utf-8") == f"<p>{ARABIC * 5}</p>\n<p>{piece}</p>"


def test_a_page_of_windows_1256_with_a_piece_of_utf_8_is_read() -> None:
    raw = b"<p>" + ARABIC.encode("cp1256") * 5 + b"</p><p>" + SHORT.encode() + b"</p>"
    assert decode(raw, "windows-1256") == f"<p>{ARABIC * 5}</p><p>{SHORT}</p>"


def test_a_damaged_byte_is_shown_as_one_and_spoils_nothing_else() -> None:
    raw = ARABIC.encode() + b"\xff" + SHORT.encode()
    assert decode(raw) == f"{ARABIC}\ufffd{SHORT}"


def test_text_that_is_cut_within_a_letter_keeps_all_others() -> None:
    assert decode(ARABIC.encode()[:-2]) == f"{ARABIC[:-2]}\ufffd"


def test_control_characters_are_gone_and_quotes_of_windows_are_quotes() -> None:
    assert to_printable("a\x00b\x08\r\nc\rd\x92s\x85\ud800\ufeff\t.") == "ab\nc\nd’s…\t."


@given(
    st.binary(max_size=400), st.one_of(st.none(), st.sampled_from(DECLARED), st.text(max_size=20))
)
def test_any_bytes_are_decoded(raw: bytes, declared: str | None) -> None:
    text = decode(raw, declared)
    text.encode()
    assert "\x00" not in text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=30))
def test_valid_utf_8_with_many_letters_is_never_taken_for_another(text: str) -> None:
    raw = text.encode()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or "\ufeff" in text:
        return
    assert decode(raw, "windows-1256") == text or sum(byte > 0x7F for byte in raw) <= 20


@pytest.mark.usefixtures("must_end")
@pytest.mark.parametrize("unit", [b"x", b"\xe1", b"<", b"\xd8\xa7", b"<meta ", b"\xff<", b"a\x00"])
def test_megabytes_are_decoded_without_a_hang(unit: bytes) -> None:
    assert decode(unit * (3_000_000 // len(unit)))


def test_real_arabic_articles_are_read_in_the_encodings_of_the_region(
    evaluation_sets: Path,
) -> None:
    path = evaluation_sets / "arabic-news-2018" / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:600] for line, _ in zip(lines, range(150), strict=False)]
    for encoding in ("cp1256", "iso8859-6", "utf-8"):
        for declared in (None, "utf-8", "windows-1256", "iso-8859-1"):
            raws = [text.encode(encoding, "ignore") for text in texts]
            wrong = [
                raw for raw in raws if decode(raw, declared) != to_printable(raw.decode(encoding))
            ]
            assert wrong == []
