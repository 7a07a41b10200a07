"""Which known names a text mentions. The names here are invented."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from index.text.gazetteer import EntityMention, Gazetteer, GazetteerConfig
from index.text.spans import Span

RULES = GazetteerConfig.model_validate(
    {
        "name": [
            {
                "kind": "person",
                "ar": ["عبد الحميد الورفي", "الورفي"],
                "en": ["Abdulhamid al-Warfi", "Warfi"],
                "fr": ["Abdelhamid Ouarfi"],
                "seen": ["a page"],
            },
            {
                "kind": "person",
                "ar": ["سالم الورفي"],
                "en": ["Salem Warfi"],
                "fr": ["Salem Ouarfi"],
                "seen": ["a page"],
            },
            {
                "kind": "body",
                "ar": ["بعثة الأمل", "اللجنة الخماسية"],
                "en": ["Hope Mission", "HMIL", "HM", "LOA"],
                "fr": ["Mission de l’espoir", "MEL"],
                "unverified": [
                    *("بعثة الأمل", "اللجنة الخماسية", "Hope Mission", "HMIL", "HM", "LOA"),
                    *("Mission de l’espoir", "MEL"),
                ],
            },
            {
                "kind": "place",
                "ar": ["مرسى النور", "نور"],
                "en": ["Marsa Nour", "El Deel", "Nur"],
                "fr": ["Marsa Nour"],
                "seen": ["a page"],
            },
        ]
    }
)
NAMES = Gazetteer(RULES)
SPELLINGS = [spelling for name in RULES.name for spelling in name.spellings]
PERSON, OTHER, BODY, PLACE = range(4)
MIXED = st.text(alphabet="اأدلفوبكنرميةىهعسحـ ABDELHMNOUWZabdefhilmnorsuw’'-. \u064b\u200f")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("ماذا قال الورفي؟", [PERSON]),
        ("ماذا قال عبدالحميد الوَرفى أمس", [PERSON]),
        ("وللورفي رأي آخر، وبالورفي تبدأ القصة", [PERSON]),
        ("والورفي", [PERSON]),
        ("كالورفي", [PERSON]),
        ("فالورفي", [PERSON]),
        ("قالت لبعثه الامل", [BODY]),
        ("قدم تقريرا للجنة الخماسية", [BODY]),
        ("في مرسي النور", [PLACE]),
        ("What did WARFI's men say?", [PERSON]),
        ("the Warfis", [PERSON]),
        ("Abdel Hamid Al Warfi", [PERSON]),
        ("Abd al-Hamid el-Warfi", [PERSON]),
        ("Alwarfi", [PERSON]),
        ("ABDELHAMID OUARFI", [PERSON]),
        ("qu'a dit l’HMIL à Wârfi ?", [BODY, PERSON]),
        ("la mission de l'espoir", [BODY]),
        ("Marsa-Nour", [PLACE]),
        ("marsanour", [PLACE]),
        ("El Deel", [PLACE]),
        ("nur", [PLACE]),
        ("The HM said", [BODY]),
    ],
)
def test_name_is_found_in_every_spelling(text: str, entries: list[int]) -> None:
    assert NAMES.find_entry_indices(text) == entries


@pytest.mark.parametrize(
    "text",
    [
        "",
        "الورفيون",
        "warfing",
        "nurse",
        "I deel so",
        "hm, well",
        "HM, WHAT DID THEY SAY",
        "l'OA de la ville",
        "كنور في الليل",
        "لنور",
        "فنور",
        "عبد الحميد",
        "Mission impossible",
    ],
)
def test_name_is_not_found_in_other_words(text: str) -> None:
    assert NAMES.find_entry_indices(text) == []


def test_longest_spelling_wins() -> None:
    assert NAMES.find_mentions("Salem al-Warfi met Warfi") == [
        EntityMention(Span(0, 3), OTHER, ("salem", "al", "warfi")),
        EntityMention(Span(4, 5), PERSON, ("warfi",)),
    ]


def test_article_after_a_name_belongs_to_the_next_name() -> None:
    assert NAMES.find_mentions("Warfi El Deel") == [
        EntityMention(Span(0, 1), PERSON, ("warfi",)),
        EntityMention(Span(1, 3), PLACE, ("el", "deel")),
    ]


def test_entries_are_unique_and_in_order_of_first_mention() -> None:
    text = "من مرسى النور إلى بعثة الأمل ثم مرسى النور"
    assert NAMES.find_entry_indices(text) == [PLACE, BODY]
    assert len(NAMES.find_mentions(text)) == 3


def test_spellings_are_unique_across_languages() -> None:
    assert NAMES.spellings(PLACE) == ("مرسى النور", "نور", "Marsa Nour", "El Deel", "Nur")


def test_empty_gazetteer_finds_no_mentions() -> None:
    assert Gazetteer(GazetteerConfig()).find_entry_indices("Warfi") == []


def entry(**changed: Any) -> dict[str, Any]:
    usual = {
        "kind": "place",
        "ar": ["برج زهير"],
        "en": ["Borj Zed"],
        "fr": ["Bordj Zed"],
        "seen": ["a page"],
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([entry(kind="river")], "kind"),
        ([entry(en=[""])], "at least 2"),
        ([entry(en=["--"])], "no word"),
        ([entry(fr=None)], "fr"),
        ([entry(ar=[])], "ar"),
        ([entry(seen=None)], "seen"),
        ([entry(seen=None, unverified=["Borj Zed"])], "seen"),
        ([entry(unverified=["Burj Zed"])], "not one of its spellings"),
        ([entry(unverified=["برج زهير", "Borj Zed", "Bordj Zed"])], "all of it is unverified"),
        ([entry(note="x")], "note"),
        ([entry(), entry(ar=["غيره"], en=["borj al-zed"], fr=["Autre"])], "given to both"),
    ],
)
def test_invalid_configuration_is_rejected(entries: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        GazetteerConfig.model_validate({"name": entries})


@given(st.one_of(st.text(), MIXED, st.lists(st.sampled_from(SPELLINGS)).map(" ".join)))
def test_mentions_are_in_order_and_do_not_overlap(text: str) -> None:
    ends = [0]
    for mention in NAMES.find_mentions(text):
        assert ends[-1] <= mention.span.start < mention.span.end
        assert 0 <= mention.entry_index < len(RULES.name)
        ends.append(mention.span.end)


@given(MIXED, st.sampled_from([(n, s) for n in range(4) for s in RULES.name[n].spellings]), MIXED)
def test_a_name_is_found_between_any_other_words(
    before: str, name: tuple[int, str], after: str
) -> None:
    number, spelling = name
    alone = NAMES.find_entry_indices(f"{before} . 7 . {spelling} . 7 . {after}".replace("HM", "hm"))
    assert number in alone or spelling == "HM"


@pytest.mark.parametrize("unit", ["الورفي ", "al ", "وللورفي", "a b ", "Salem al al ", "HM x "])
@pytest.mark.usefixtures("must_end")
def test_half_a_million_characters_are_searched_without_a_hang(unit: str) -> None:
    assert len(NAMES.find_entry_indices(unit * (500_000 // len(unit)))) <= 1
