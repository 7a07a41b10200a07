"""Counts of the names and places that articles mention. All names but Libya are invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.entity_counts import ArticleText, EntityCounts, count_entities
from index.text.gazetteer import GazetteerConfig


def name(kind: str, ar: str, *others: str, abroad: bool = False) -> dict[str, object]:
    return {
        "kind": kind,
        "abroad": abroad,
        "ar": [ar],
        "en": others,
        "fr": others,
        "seen": ["a page"],
    }


RULES = GazetteerConfig.model_validate(
    {
        "name": [
            name("person", "سالم الدرويش", "Salem Darwish"),
            name("body", "بعثة الأمل", "Hope Mission"),
            name("place", "ليبيا", "Libya", "Libye"),
            name("place", "نوران", "Noran"),
            name("place", "مرسى النور", "Marsa Nour", abroad=True),
        ]
    }
)


def counted(*bodies: str, limit: int = 9) -> tuple[dict[str, int], dict[str, int]]:
    found = count_entities([ArticleText("", body) for body in bodies], RULES, limit)
    names, places = (
        {count.name.en[0]: count.article_count for count in listed}
        for listed in (found.names, found.places)
    )
    return names, places


def test_an_article_counts_once_however_often_and_in_whichever_spelling_it_has_a_name() -> None:
    names, _ = counted("قال سالم الدرويش إن الدرويش غاب، أي سالم الدرويش.", "Salem Darwish left.")
    assert names == {"Salem Darwish": 2}


def test_people_and_bodies_stand_apart_from_places() -> None:
    names, places = counted("Salem Darwish of the Hope Mission is in Noran.")
    assert names == {"Salem Darwish": 1, "Hope Mission": 1}
    assert places == {"Noran": 1}


def test_the_country_itself_is_left_out_and_places_abroad_are_not() -> None:
    _, places = counted("Libya and Marsa Nour agree.", "اتفقت ليبيا ونوران.")
    assert places == {"Noran": 1, "Marsa Nour": 1}


def test_copies_count_as_one_article_with_all_their_headlines() -> None:
    copies = [
        ArticleText("Salem Darwish speaks", "It rained in  Noran.\n"),
        ArticleText("The Hope Mission listens", "It rained in Noran."),
    ]
    found = count_entities(copies, RULES, 9)
    assert found.article_count == 1
    assert [count.article_count for count in found.names] == [1, 1]
    assert [count.article_count for count in found.places] == [1]


def test_a_name_in_a_headline_and_in_its_body_counts_once() -> None:
    found = count_entities(
        [ArticleText("Noran", "Noran is dry."), ArticleText("Noran", "It rained.")], RULES, 9
    )
    assert [count.article_count for count in found.places] == [2]


def test_the_most_mentioned_stand_first_and_equals_in_the_order_of_the_list() -> None:
    bodies = ["The Hope Mission met.", "The Hope Mission left, Salem Darwish stayed.", "Marsa Nour"]
    names, places = counted(*bodies, "Noran")
    assert list(names.items()) == [("Hope Mission", 2), ("Salem Darwish", 1)]
    assert list(places) == ["Noran", "Marsa Nour"]


def test_no_more_are_returned_of_each_than_wanted() -> None:
    names, places = counted("Salem Darwish, the Hope Mission, Noran and Marsa Nour", limit=1)
    assert (list(names), list(places)) == (["Salem Darwish"], ["Noran"])


def test_nothing_is_mentioned_in_no_articles() -> None:
    assert count_entities([], RULES, 9) == EntityCounts(0)


WORDS = st.sampled_from(
    ["Salem Darwish", "بعثة الأمل", "ليبيا", "Noran", "مرسى النور", "it rained"]
)
BODIES = st.lists(st.lists(WORDS, max_size=5).map(", ".join), max_size=12)


@given(BODIES, st.integers(0, 3))
def test_counts_fall_and_none_is_greater_than_the_number_of_articles(
    bodies: list[str], limit: int
) -> None:
    found = count_entities([ArticleText("", body) for body in bodies], RULES, limit)
    for listed in (found.names, found.places):
        counts = [count.article_count for count in listed]
        assert len(counts) <= limit
        assert counts == sorted(counts, reverse=True)
        assert all(0 < count <= found.article_count for count in counts)
