"""How an article is cut into passages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.segmentation import passages
from index.text.segmentation.passages import (
    MAX_QUOTE_LENGTH,
    MAX_SENTENCES,
    split_clauses,
    split_passages,
)
from index.text.segmentation.sentences import split_sentences
from index.text.spans import INVISIBLE_CHARS, Span, has_words

WORD = st.sampled_from(
    ["وصل", "الوفد", "أمس،", "غادر.", "Amal", "left.", "!!", "ا" * 950, "\n", "\n\n", "-----"]
)
TEXTS = st.one_of(st.text(), st.lists(WORD, max_size=80).map(" ".join))


def seen(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and char not in INVISIBLE_CHARS)


@given(TEXTS)
def test_passages_are_ordered_and_disjoint(text: str) -> None:
    split = split_passages(text)
    assert all(first.end <= second.start for first, second in pairwise(split))


@given(TEXTS)
def test_a_passage_has_one_to_four_sentences_and_at_most_900_characters(text: str) -> None:
    for passage in split_passages(text):
        assert 1 <= len(passage.sentences) <= MAX_SENTENCES
        assert 0 < passage.end - passage.start <= MAX_QUOTE_LENGTH


@given(TEXTS)
def test_sentences_of_a_passage_span_it(text: str) -> None:
    for passage in split_passages(text):
        assert (passage.start, passage.end) == (
            passage.sentences[0].start,
            passage.sentences[-1].end,
        )
        assert all(first.end <= second.start for first, second in pairwise(passage.sentences))


@given(TEXTS)
def test_no_sentence_with_words_is_lost(text: str) -> None:
    expected = [
        piece
        for sentence in split_sentences(text)
        for piece in split_clauses(text, sentence)
        if has_words(text, *piece) or not has_words(text, 0, len(text))
    ]
    assert [
        sentence for passage in split_passages(text) for sentence in passage.sentences
    ] == expected


@given(TEXTS)
def test_clauses_lose_only_white_space(text: str) -> None:
    text = "ا" + text * 20 + "ا"
    joined = "".join(piece.slice(text) for piece in split_clauses(text, Span(0, len(text))))
    assert seen(joined) == seen(text)


def test_a_long_sentence_is_cut_at_a_clause_end() -> None:
    text = "قال سالم إن الوفد وصل إلى مرسى النور، " * 60
    pieces = [piece.slice(text) for piece in split_clauses(text, Span(0, len(text.rstrip())))]
    assert len(pieces) > 1
    assert all(piece.endswith("،") for piece in pieces)


def test_a_long_sentence_without_clauses_is_cut_between_words() -> None:
    text = ("كلمات " * 400).strip()
    assert {
        word
        for piece in split_clauses(text, Span(0, len(text)))
        for word in piece.slice(text).split()
    } == {"كلمات"}


def test_a_sentence_of_a_hundred_thousand_characters_without_spaces_is_kept_whole_in_parts() -> (
    None
):
    text = "ابجد" * 25_000
    assert "".join(text[passage.start : passage.end] for passage in split_passages(text)) == text


def test_cut_keeps_a_letter_with_its_combining_mark() -> None:
    text = "ب\u064f" * 1_000
    assert not any(text[passage.start] == "\u064f" for passage in split_passages(text))


def test_ten_thousand_combining_marks_make_one_passage() -> None:
    split = split_passages("ا" + "\u0301" * 10_000)
    assert [(passage.start, passage.end) for passage in split] == [(0, MAX_QUOTE_LENGTH)]


def test_a_line_of_dashes_is_in_no_passage() -> None:
    text = "وصل الوفد أمس.\n-----------\nوغادر المستشار مساء.\nـــــــــ"
    assert [
        sentence.slice(text) for passage in split_passages(text) for sentence in passage.sentences
    ] == [
        "وصل الوفد أمس.",
        "وغادر المستشار مساء.",
    ]


def test_text_of_punctuation_alone_has_a_passage() -> None:
    assert len(split_passages("؟!")) == 1


def test_short_paragraphs_share_a_passage() -> None:
    assert len(split_passages("وصل الوفد.\nغادر المستشار.")) == 1


def test_short_paragraph_length_is_read_at_each_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passages, "SHORT_PARAGRAPH", 0)
    assert len(split_passages("وصل الوفد.\nغادر المستشار.")) == 2


def test_maximum_sentences_are_read_at_each_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passages, "MAX_SENTENCES", 1)
    assert len(split_passages("وصل الوفد. غادر المستشار. عاد سالم.")) == 3


def test_five_equal_sentences_are_divided_evenly() -> None:
    text = " ".join(
        f"{name} وصل إلى مدينة مرسى النور أمس." for name in ("سالم", "عمرو", "هناء", "بشير", "آمال")
    )
    assert sorted(len(passage.sentences) for passage in split_passages(text)) == [2, 3]


def test_hard_wrapped_paragraph_is_not_split_at_lines() -> None:
    line = "وصل الوفد الكبير إلى مدينة مرسى النور صباح أمس برفقة"
    text = "\n\n".join(f"{line}\n{line}\n{line} {name}." for name in ("سالم", "عمر", "هناء"))
    assert [
        sentence for passage in split_passages(text) for sentence in passage.sentences
    ] == split_sentences(text)
    assert len(split_sentences(text)) == 3


def test_only_the_body_is_split() -> None:
    text = "مصدر: تاريخ. وصل الوفد أمس. أخبار متعلقة"
    body = Span(text.index("وصل"), text.index(" أخبار"))
    assert [text[passage.start : passage.end] for passage in split_passages(text, body)] == [
        "وصل الوفد أمس."
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "قال سالم شيئا. ",
        "لا. ",
        "كلمة، ",
        "ابجد",
        "\u0301",
        "أخبار\n",
        "\u200d",
        "كلمة " * 8 + "\n",
        "😀",
        "ا" * 899 + " ",
    ],
)
@pytest.mark.usefixtures("must_end")
def test_million_characters_are_split_without_a_hang(unit: str) -> None:
    assert split_passages(unit * (1_000_000 // len(unit)))
