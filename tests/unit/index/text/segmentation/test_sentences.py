"""Where sentences end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.segmentation.paragraphs import split_paragraphs
from index.text.segmentation.sentences import MAX_CLOSED_QUOTE_LENGTH, split_sentences
from index.text.spans import INVISIBLE_CHARS, Span

PIECES = st.sampled_from(
    [
        "قال سالم",
        "Amal said",
        "د.",
        "Dr.",
        "3.5",
        ".",
        "؟",
        "؛",
        "!",
        "…",
        "«",
        "»",
        "(",
        ")",
        '"',
        "،",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\u2028",
        "\u200f",
        "\u202e",
        "\x00",
        "�",
        "ً",
        "1.",
        "-----",
        "ـــ",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


def cut(text: str) -> list[str]:
    return [sentence.slice(text) for sentence in split_sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "وصل الوفد إلى مرسى النور. | وغادر في المساء.",
        "متى يصل الوفد؟ | لا أحد يعرف.",
        "وصل الوفد؛ | غادر المستشار.",
        "انتهى الاجتماع! | وبدأ آخر.",
        "انتظرنا طويلا… | ثم وصل الوفد.",
        "انتظرنا طويلا... | ثم وصل الوفد.",
        "قال سالم الورفي: «سنعود غدا.» | وغادر القاعة.",
        'قال سالم: "سنعود غدا." | وغادر القاعة.',
        "انتهى الاجتماع (الثاني). | وبدأ آخر.",
        "The envoy arrived. | She left at night.",
        "Did they meet? | Nobody knows!",
        "L'émissaire est arrivée. | Elle repart demain.",
        "کب پہنچے۔ | کوئی نہیں جانتا۔",
        "بلغ العدد 25. | وقال سالم إنه ارتفع.",
        "كان ذلك عام 2011 م. | ثم عاد الوفد.",
        "He said no. | The envoy left.",
        "Ils vont à l'est. | Le convoi repart.",
        "He loves art. | She loves music.",
        "وصل الوفد.\u200f | وغادر المستشار.",
        "عملت في بي بي سي. | وغادرت بعد عام.",
    ],
)
def test_sentence_ends_at_final_punctuation(text: str) -> None:
    first, second = text.split(" | ")
    assert cut(f"{first} {second}") == [first.rstrip(INVISIBLE_CHARS), second]


@pytest.mark.parametrize(
    "text",
    [
        "ارتفع السعر 3.5 في المئة أمس.",
        "ارتفع السعر ٣.٥ في المئة أمس.",
        "The price rose 3.5 per cent.",
        "Le prix a pris 3.5 points.",
    ],
)
def test_a_decimal_point_does_not_end_a_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "وصل د. سالم الورفي أمس.",
        "وصل أ.د. سالم الورفي أمس.",
        "وصل سالم ود. هناء التومي أمس.",
        "وصل م. سالم الورفي أمس.",
        "Dr. Amal Sati met Gen. Omar Zed there.",
        "The U.S. Envoy arrived at noon.",
        "M. Dupré et Mme. Lenoir sont là.",
        "See No. 5 and fig. 3 and vol. 2 there.",
        "They met on Feb. 4 in Port Amal.",
        "J. R. Waters spoke first.",
        "قالت قناة إن.بي.سي أمس إن الوفد وصل.",
        "وأعلنت رابطة جي. إس. إم. إيه أمس أرقامها.",
        "As it happens, e.g. in Port Amal.",
    ],
)
def test_an_abbreviation_or_initial_does_not_end_a_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize("text", ["1. وصل الوفد أمس.", "2. The envoy arrived.", "12. Elle repart."])
def test_a_list_number_stays_with_its_item(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "قال سالم «وصلنا. ثم عدنا. لا أكثر» في بيان.",
        "They (Amal. Omar. Zed) met there.",
        "Elle a dit “Non. Jamais. Rien” hier.",
    ],
)
def test_a_short_quotation_or_parenthesis_is_not_cut(text: str) -> None:
    assert cut(text) == [text]


def test_a_long_quotation_is_cut_at_its_sentences() -> None:
    speech = "«" + "وصل الوفد إلى المدينة. " * (MAX_CLOSED_QUOTE_LENGTH // 10) + "»"
    assert len(cut(speech)) > 10


@pytest.mark.parametrize("text", ["Will they go? asked Amal", "Non ! dit-elle", "Wait... she said"])
def test_lower_case_letter_continues_the_sentence(text: str) -> None:

    assert cut(text) == [text]


def test_full_stop_without_a_space_ends_an_arabic_sentence() -> None:
    assert cut("وصل الوفد أمس.وقال سالم إنه باق.") == ["وصل الوفد أمس.", "وقال سالم إنه باق."]


@pytest.mark.parametrize(
    "text", ["زوروا بيت.كوم غدا", "see port-amal.example now", "عنوانه مدينة.نت غدا"]
)
def test_domain_name_is_not_split(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize("text", ["انتهى. . .", "انتهى! !!", "انتهى. …\u200f", "انتهى. -----"])
def test_punctuation_alone_belongs_to_the_previous_sentence(text: str) -> None:
    assert cut(text) == [text.rstrip(INVISIBLE_CHARS)]


def test_punctuation_at_a_line_start_belongs_to_the_next_sentence() -> None:
    assert cut("… وصل الوفد.") == ["… وصل الوفد."]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n", "\u2028", "\u2029"])
def test_a_line_end_ends_a_sentence(end: str) -> None:
    assert cut(f"وصل الوفد{end}وغادر المستشار") == ["وصل الوفد", "وغادر المستشار"]


LINE = "وصل الوفد الكبير إلى مدينة مرسى النور صباح أمس برفقة"


def test_a_hard_wrapped_text_has_its_paragraphs_at_blank_lines() -> None:
    wrapped = f"{LINE}\n{LINE}\n{LINE} سالم.\n\n{LINE}\n{LINE}\n{LINE} عمر."
    assert [
        len(paragraph.slice(wrapped).split("\n")) for paragraph in split_paragraphs(wrapped)
    ] == [3, 3]
    assert len(split_sentences(wrapped)) == 2


def test_short_lines_that_end_as_sentences_are_paragraphs_of_their_own() -> None:
    text = "\n".join(f"وصل الوفد رقم {number} أمس." for number in range(9))
    assert len(split_paragraphs(text)) == 9


@given(TEXTS)
def test_every_visible_character_lies_in_exactly_one_sentence(text: str) -> None:
    covered = [0] * len(text)
    for sentence in split_sentences(text):
        for place in range(*sentence):
            covered[place] += 1
    for char, times in zip(text, covered, strict=True):
        assert times <= 1
        assert times == 1 or char.isspace() or char in INVISIBLE_CHARS


@given(TEXTS)
def test_sentences_are_in_order_and_neither_empty_nor_padded(text: str) -> None:
    last = 0
    for sentence in split_sentences(text):
        assert last <= sentence.start < sentence.end <= len(text)
        assert sentence.slice(text) == sentence.slice(text).strip()
        last = sentence.end


@given(TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_sentences_within_a_part_stay_in_it(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    part = Span(start, min(len(text), start + length))
    assert all(
        part.start <= sentence.start and sentence.end <= part.end
        for sentence in split_sentences(text, part)
    )


@pytest.mark.parametrize(
    "unit",
    [
        "قال سالم شيئا. ",
        ". ",
        "أ. ",
        "1.1",
        "«قال.» ",
        "كلمة.",
        "«",
        "(«“",
        "؛",
        "ا\u0301",
        "أ.\n",
        " " * 999 + ".",
    ],
)
@pytest.mark.usefixtures("must_end")
def test_million_characters_are_split_without_a_hang(unit: str) -> None:
    assert split_sentences(unit * (1_000_000 // len(unit)))
