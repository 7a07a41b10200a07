"""Profiles of invented people: whose sentences are quoted, and whose are not."""

from __future__ import annotations

from index.models import Article
from index.research.name_profile import (
    MAX_NEWEST,
    NameProfile,
    build_name_profile,
    find_transliterations,
    strip_offices,
)
from index.text.boilerplate import BoilerplateRules
from index.text.gazetteer import Gazetteer, GazetteerConfig
from tests.fixtures.messages import article


def person(ar: list[str], *others: str) -> dict[str, object]:
    return {"kind": "person", "ar": ar, "en": others, "fr": others, "seen": ["a page"]}


NAMES = GazetteerConfig.model_validate(
    {
        "name": [
            person(["سالم الدرويش", "الدرويش"], "Salem Darwish", "Darwish"),
            person(["ناجي الدرويش"], "Naji Darwish"),
            person(["ليلى حمدان"], "Layla Hamdan"),
        ]
    }
)


def profile(name: str, *texts: str) -> NameProfile:
    """The profile of a name in articles of one day after another."""
    articles: list[Article] = [
        article(text, id=str(day), number=day, published=f"2026-01-{day:02}")
        for day, text in enumerate(texts, 1)
    ]
    return build_name_profile(name, articles, NAMES, BoilerplateRules())


def sentences(found: NameProfile) -> list[str]:
    return [quote.text[slice(*quote.highlight)] for quote in found.quotes]


def test_the_first_mention_is_quoted_with_its_sentence_and_then_the_newest_ones() -> None:
    found = profile(
        "Salem Darwish",
        "The port is shut. Salem Darwish leads it. It opens soon.",
        *(f"Salem Darwish spoke {number} times." for number in range(2, 7)),
    )
    assert sentences(found)[0] == "Salem Darwish leads it."
    assert sentences(found)[1:] == [f"Salem Darwish spoke {number} times." for number in (6, 5, 4)]
    assert len(found.newest) == MAX_NEWEST
    assert found.article_count == 6


def test_the_first_sentence_with_an_office_follows_the_first_mention_if_that_has_none() -> None:
    texts = ("Salem Darwish came.", "The mayor Salem Darwish spoke.", "Salem Darwish left.")
    found = profile("Salem Darwish", *texts)
    assert sentences(found) == list(texts)
    assert found.office is not None
    assert profile("Salem Darwish", *texts[1:]).office is None


def test_a_name_is_found_in_all_its_spellings_and_those_that_occur_are_listed() -> None:
    found = profile("الدرويش", "قال سالم الدرويش ذلك. ثم وصل الدرويش.", "Salem Darwish left.")
    assert found.article_count == 2
    assert found.spellings == ("سالم الدرويش", "الدرويش", "Salem Darwish")


def test_a_surname_alone_is_nobodys_name_without_the_full_one_or_beside_a_namesake() -> None:
    assert profile("Salem Darwish", "Darwish left.").article_count == 0
    both = profile("Salem Darwish", "Naji Darwish came.\n\nSalem Darwish left.\n\nDarwish spoke.")
    assert sentences(both) == ["Salem Darwish left."]
    assert both.spellings == ("Salem Darwish",)
    assert profile("Salem Darwish", "Naji Darwish came. Darwish spoke.").article_count == 0


def test_people_named_in_the_same_passages_are_counted_once_for_passages_with_the_same_words() -> (
    None
):
    together = "Salem Darwish met Layla Hamdan."
    found = profile("Salem Darwish", together, together, "Layla Hamdan wrote to Salem Darwish.")
    assert [(other.entry.en[0], other.passage_count) for other in found.companions] == [
        ("Layla Hamdan", 2)
    ]


def test_a_sentence_that_is_printed_again_is_quoted_once() -> None:
    assert sentences(profile("Layla Hamdan", *["Layla Hamdan left."] * 3)) == ["Layla Hamdan left."]


def test_a_name_that_is_not_known_is_looked_for_by_exactly_its_words() -> None:
    found = profile("karim zahran", "Karim Zahran shut a bridge.", "Karim Salim Zahran did not.")
    assert found.entry is None
    assert sentences(found) == ["Karim Zahran shut a bridge."]
    assert found.spellings == ()


def test_a_part_of_known_names_is_nobodys_in_particular() -> None:
    found = profile("hamdan", "Hamdan left.")
    assert found.article_count == 0
    assert [entry.en[0] for entry in found.namesakes] == ["Layla Hamdan"]


def test_a_rank_before_a_known_name_is_left_out_and_a_word_within_a_name_is_not() -> None:
    gazetteer = Gazetteer(NAMES)
    assert strip_offices("المشير سالم الدرويش", gazetteer) == "سالم الدرويش"
    assert strip_offices("General Salem Darwish", gazetteer) == "Salem Darwish"
    for unchanged in ("سالم قائد الدرويش", "أمير زهران"):
        assert strip_offices(unchanged, gazetteer) == unchanged


def test_a_full_name_is_found_in_the_other_script_letter_by_letter() -> None:
    texts = ("وصل كريم زهران ومعه لكريم زهران رسالة.", "وصل كرم زهران.", "كريم\nزهران")
    articles = [article(text, id=str(number)) for number, text in enumerate(texts)]
    assert find_transliterations("Karim Zahran", articles) == ("كريم زهران",)
    assert find_transliterations("Zahran", articles) == ()


def test_an_unknown_name_has_the_nearest_known_ones_and_a_strange_one_has_none() -> None:
    assert [entry.en[0] for entry in profile("Leyla Hamdan", "Rain.").similar] == ["Layla Hamdan"]
    assert profile("Quentin Xu", "Rain.").similar == ()


def test_a_surname_leads_to_its_other_bearers() -> None:
    found = profile("darwish", "Salem Darwish left.")
    assert [entry.en[0] for entry in found.namesakes] == ["Naji Darwish"]
