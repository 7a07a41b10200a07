"""PDFs: the words of their pages, in the order a reader reads them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.ingest.printed_pdfs import HARD_SENTENCE
from index.ingest.pdf.reader import MAX_PAGES, read_pdf
from index.ingest.rejections import RejectReason, SourceRejected
from index.models import DateProvenance
from tests.fixtures.pdf_and_docx import (
    Drawn,
    from_left,
    pdf_file,
    pdf_of,
    right_aligned,
    stream,
)
from tests.fixtures.sample_articles import PROJECT

PRINTED = PROJECT / "tests" / "fixtures" / "printed"
LINE = "وصل وفد مدينة نوران إلى ميناء الرمال صباح الأحد"
GIBBERISH = "ضثقف غعهخ شسيب ظطذد زوثخ"
LATIN = "The council of Noran met on Sunday to talk about the port"


def read(*lines: Drawn) -> str:
    return read_pdf(pdf_of([lines])).text


def refusal(content: bytes) -> RejectReason:
    with pytest.raises(SourceRejected) as refused:
        read_pdf(content)
    assert refused.value.message
    assert refused.value.remedy
    return refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        "الأول والآن ولإعلان لا غير",
        "أعلن نادي Noran\u00a0United فوزه بالكأس",
        "بلغت 3,500.75 دينار في 12/05/2024 الساعة 09:30 مساء",
        "بلغت ٣٥٠٠ دينار في ٢٠٢٤",
        "استخدم برنامج Port\u00a0F-16\u00a0plus في الميناء",
        "قال المدير (سالم) إن «نوران» بخير",
    ],
)
def test_an_arabic_line_is_read_in_the_order_of_its_words(text: str) -> None:
    assert read(right_aligned(text, 550, 700)) == text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        (("(", "ن", "ا", "ر", "و", "ن", ")", " ", "ة", "ن", "ي", "د", "م"), "مدينة (نوران)"),
        ((")", "ن", "ا", "ر", "و", "ن", "(", " ", "ة", "ن", "ي", "د", "م"), "مدينة (نوران)"),
    ],
)
def test_brackets_open_before_what_is_in_them_whichever_shape_the_file_names(
    shown: tuple[str, ...], meant: str
) -> None:
    assert read(Drawn(100, 700, shown)) == meant


def test_presentation_forms_are_read_as_letters_and_signs_are_left_alone() -> None:
    shown = ("ﻢ", "ﻼ", "ﺳ", " ", "ﷲ", " ", "½")
    assert read(Drawn(100, 700, shown)) == "½ الله سلام"
    assert read(Drawn(100, 700, ("…", "م", " ", "ﷺ"))) == "ﷺ م…"
    assert read(Drawn(100, 700, ("o", "ﬃ", "c", "e", " ", "²"))) == "office ²"


def test_a_mark_stands_after_its_letter_where_it_is_drawn_over_it() -> None:
    shown: list[str | float] = ["د", "ي", "د", "ج", " ", "ا", "ض", -0.55, "\u064b", 0.05, "ي", "أ"]
    assert read(Drawn(100, 700, shown)) == "أيض\u064bا جديد"


def test_a_gap_is_a_space_where_the_file_has_none() -> None:
    assert read(from_left("Noran", 100, 700), from_left("port", 128, 700)) == "Noran port"
    assert read(from_left("Nor", 100, 700), from_left("an", 115.5, 700)) == "Noran"


@pytest.mark.parametrize("inner", [0.02, 0.09, 0.135])
@pytest.mark.parametrize("outer", [0.21, 0.35])
def test_a_line_shows_by_its_own_gaps_which_of_them_are_spaces(inner: float, outer: float) -> None:
    shown: list[str | float] = []
    for word in ("لحاسلاب", "ءانيم", "نارون"):
        letters = [part for char in word for part in (char, inner)]
        shown += [*letters[:-1], outer]
    assert read(Drawn(100, 700, shown)) == "نوران ميناء بالساحل"


@pytest.mark.parametrize("pdf", sorted(PRINTED.glob("*.pdf")), ids=lambda path: path.stem)
def test_words_that_a_browser_printed_are_whole(pdf: Path) -> None:
    assert read_pdf(pdf.read_bytes()).text == HARD_SENTENCE


def test_what_is_printed_twice_to_look_bold_is_read_once() -> None:
    assert read(from_left("Noran port", 100, 700), from_left("Noran port", 100.3, 700)) == (
        "Noran port"
    )


def test_a_latin_page_quotes_arabic_in_its_own_order() -> None:
    arabic = right_aligned("مدينة نوران", 230, 700)
    shown = [*"The town ", *arabic.glyphs, *" is well known"]
    assert read(Drawn(100, 700, shown)) == "The town مدينة نوران is well known"


def test_lines_become_paragraphs() -> None:
    full = "The council of Noran said that the port will open on"
    text = read(
        from_left(full, 100, 700),
        from_left("Sunday.", 100, 688),
        from_left("Its head, Layla Hamdan, said so to the journalists of", 100, 676),
        from_left("the town. She added that the two bridges will be good", 100, 664),
        from_left("as new.", 100, 652),
        from_left("The mayor thanked everyone who had helped to repair", 100, 622),
        from_left("it.", 100, 610),
    )
    assert text == (
        f"{full} Sunday.\n\n"
        "Its head, Layla Hamdan, said so to the journalists of the town. She added that the two "
        "bridges will be good as new.\n\n"
        "The mayor thanked everyone who had helped to repair it."
    )


def test_an_indented_line_begins_a_paragraph() -> None:
    first, second = right_aligned(LINE, 550, 700), right_aligned(LINE[:-1], 535, 688)
    third = right_aligned(f"{LINE} كله", 550, 676)
    assert read(first, second, third) == f"{LINE}\n\n{LINE[:-1]} {LINE} كله"


def test_a_word_broken_at_the_end_of_a_line_is_put_together() -> None:
    lines = (from_left(LATIN + " and the recon-", 50, 700), from_left("struction of it.", 50, 688))
    assert read(*lines) == LATIN + " and the reconstruction of it."


def test_columns_are_read_one_after_the_other() -> None:
    columns = [[f"{LINE} {word}" for word in words] for words in ("ابتثج", "حخدذر")]
    right, left = (
        [right_aligned(line, edge, 700 - 12 * n) for n, line in enumerate(column)]
        for column, edge in zip(columns, (570, 290), strict=True)
    )
    assert read(*right, *left) == "\n\n".join(map(" ".join, columns))


def test_rows_of_a_table_are_read_row_by_row_from_the_right() -> None:
    rows = [("التاريخ", "12/05/2024"), ("المكان", "ميناء الرمال"), ("العدد", "436")]
    cells = [
        cell
        for n, (label, value) in enumerate(rows)
        for cell in (
            right_aligned(value, 300, 700 - 20 * n),
            right_aligned(label, 550, 700 - 20 * n),
        )
    ]
    assert read(*cells).split("\n\n") == [cell for row in rows for cell in row]


def test_what_stands_above_is_read_first_wherever_the_file_has_it() -> None:
    body = [from_left(LATIN, 100, 700 - 12 * n) for n in range(3)]
    head = from_left("Noran port opens", 100, 740, 20)
    story = read_pdf(pdf_of([[*body, head]]))
    assert story.title == "Noran port opens"
    assert story.text == " ".join([LATIN] * 3)


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [
            from_left(f"Noran Gazette, no. {7 + n}", 100, 780),
            from_left(f"{LATIN} {word}.", 100, 700),
            from_left(f"Page {n + 1} of 4", 280, 30),
        ]
        for n, word in enumerate(("today", "again", "soon", "now"))
    ]
    assert read_pdf(pdf_of(pages)).text == "\n\n".join(
        f"{LATIN} {word}." for word in ("today", "again", "soon", "now")
    )


def test_a_paragraph_goes_on_over_the_page() -> None:
    first = [from_left(LATIN, 100, 60), from_left(LATIN, 100, 48)]
    second = [from_left("of the town.", 100, 700)]
    assert read_pdf(pdf_of([first, second])).text == f"{LATIN} {LATIN} of the town."


def test_text_on_a_page_that_lies_on_its_side_is_read() -> None:
    upright = pdf_of([[from_left(LATIN, 100, 700)]])
    turned = upright.replace(b"100 700 Td", b"0 1 -1 0 300 99 Tm")
    assert read_pdf(turned).text == LATIN


def test_a_pdf_says_its_title_and_author_where_that_is_likely_and_no_date() -> None:
    properties = {
        "Title": "The port of Noran opens again",
        "Author": "Layla Hamdan",
        "CreationDate": "D:20240512093000Z",
    }
    story = read_pdf(pdf_of([[from_left(LATIN, 100, 700)]], properties=properties))
    assert (story.title, story.author) == ("The port of Noran opens again", "Layla Hamdan")
    assert story.published is None
    assert story.date_found is DateProvenance.UNKNOWN
    unlikely = {"Title": "Microsoft Word - final version two.doc", "Author": "HP"}
    story = read_pdf(pdf_of([[from_left(LATIN, 100, 700)]], properties=unlikely))
    assert (story.title, story.author) == (None, None)


def many(words: str) -> bytes:
    return pdf_of([[from_left(f"{words} {n}", 20, 780 - 12 * n) for n in range(20)]])


@pytest.mark.parametrize(
    "content",
    [
        pdf_of([[from_left(LATIN, 100, 700)]], unicode=False),
        many("\ue001\ue002\ue003 \ue004\ue005"),
        many("\ufffd\ufffd port of Noran"),
        many("7KLV LV WKH SRUW RI 1RUDQ wklv lv wkh sruw"),  # letters three places on
        many("ÇáÓáÇã Úáíßã ÃÚáäÊ ÅÏÇÑÉ ãíäÇÁ ÇáÑãÇá"),  # Arabic bytes, as Latin letters
        pdf_of([[Drawn(50, 780 - 12 * n, [*LINE, str(n)]) for n in range(5)]]),  # from behind
        pdf_of([[Drawn(50, 780 - 12 * n, [*"ن ا ر و ن", str(n)]) for n in range(9)]]),
        pdf_of([[right_aligned(f"{n} {GIBBERISH}", 500, 780 - 12 * n) for n in range(30)]]),
    ],
    ids=["silent", "private", "unknown", "shifted", "mojibake", "behind", "apart", "gibberish"],
)
def test_signs_that_do_not_say_their_letters_are_refused(content: bytes) -> None:
    assert refusal(content) is RejectReason.UNREADABLE_GLYPHS


def test_a_few_unreadable_signs_do_not_make_a_page_unreadable() -> None:
    assert read(from_left(f"\ue001 {LATIN}", 100, 700)) == LATIN


def test_a_pdf_of_pictures_has_no_text() -> None:
    assert refusal(pdf_of([[]])) is RejectReason.NO_TEXT
    assert refusal(pdf_of([[from_left("--- * ---", 100, 700)]])) is RejectReason.NO_TEXT


def test_a_pdf_that_takes_a_password_is_locked() -> None:
    owner = b"(" + b"a" * 32 + b")"
    locked = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/O%b/U%b/P -4>>" % (owner, owner)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    assert refusal(pdf_file(objects, trailer=locked)) is RejectReason.PASSWORD_PROTECTED


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", pdf_of([[from_left(LATIN, 9, 9)]])[:300]])
def test_a_broken_pdf_is_damaged(content: bytes) -> None:
    assert refusal(content) is RejectReason.DAMAGED


def test_ten_thousand_pages_are_refused_before_they_are_read() -> None:
    kids = b"3 0 R " * 10_000
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count 10000>>" % kids,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        stream(b"BT ET"),
    ]
    with pytest.raises(SourceRejected, match=f"10,000 pages, and {MAX_PAGES}") as refused:
        read_pdf(pdf_file(objects))
    assert refused.value.reason is RejectReason.TOO_LARGE


_PIECES = st.lists(
    st.builds(
        Drawn,
        st.floats(-50, 650),
        st.floats(-50, 850),
        st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=8),
        st.floats(0.1, 50),
    ),
    max_size=6,
)


@given(st.lists(_PIECES, min_size=1, max_size=3))
def test_any_page_is_read_or_refused(pages: list[list[Drawn]]) -> None:
    encodable = [
        [line._replace(glyphs=[g for g in line.glyphs if str(g).isprintable()]) for line in page]
        for page in pages
    ]
    with contextlib.suppress(SourceRejected):
        assert read_pdf(pdf_of(encodable)).text.strip()


@given(st.lists(st.sampled_from(LINE.split()), min_size=2, max_size=9))
def test_arabic_words_in_any_order_are_read_in_that_order(words: list[str]) -> None:
    assert read(right_aligned(" ".join(words), 550, 700)) == " ".join(words)


def test_the_words_of_known_pdfs_are_found_in_their_order(evaluation_sets: Path) -> None:
    from bench.ingest.documents import shares

    folder = evaluation_sets / "hard" / "pdf"
    for path in sorted(folder.glob("*.pdf")):
        story = read_pdf(path.read_bytes())
        expected = path.with_name(f"{path.stem}.groundtruth.md").read_text("utf-8")
        found, pairs, extra = shares(f"{story.title or ''}\n{story.text}", expected)
        assert found >= 0.98
        assert extra <= 0.02
        assert pairs >= 0.97
