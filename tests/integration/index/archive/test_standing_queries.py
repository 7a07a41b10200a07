"""Which articles are about what a reader watches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.models import Quote
from index.text.boilerplate import BoilerplateRules
from index.text.gazetteer import GazetteerConfig
from tests.fixtures.answer_comparison import assert_same_quotes
from tests.fixtures.sample_articles import TRIPOLI, OpenArchive, draft
from tests.fixtures.story_events import ALL, SCHOOL

NAMES = GazetteerConfig.model_validate(
    {
        "name": [
            {
                "kind": "person",
                "ar": ["سالم الدرويش", "الدرويش"],
                "en": ["Salem Darwish", "Darwish"],
                "fr": ["Salem Darouiche"],
                "seen": ["an invented town"],
            },
            {
                "kind": "person",
                "ar": ["كريم الدرويش"],
                "en": ["Karim Darwish"],
                "fr": ["Karim Darouiche"],
                "seen": ["an invented town"],
            },
        ]
    }
)
MEETING = "التقى سامي الورفلي أعضاء الغرفة التجارية أمس. وناقش معهم أسعار الخبز."


@pytest.fixture(scope="module")
def news(
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    second: Embedder,
    boilerplate: BoilerplateRules,
) -> Iterator[Archive]:
    """News of Noran in three languages, which no test changes."""
    with Archive(
        tmp_path_factory.mktemp("watched"),
        lambda: embedder,
        lambda: second,
        zone=TRIPOLI,
        boilerplate=boilerplate,
        gazetteer_config=NAMES,
    ) as archive:
        for each in ALL:
            archive.add(draft(each.id, each.text, title=each.title, language=each.language))
        yield archive


@pytest.fixture
def own_news(open_archive: OpenArchive, second: Embedder) -> Archive:
    """The same, for a test that changes it."""
    archive = open_archive(names=NAMES, second=second)
    for each in ALL:
        archive.add(draft(each.id, each.text, title=each.title, language=each.language))
    return archive


def matches(archive: Archive, watched: str, ids: set[str] | None = None) -> dict[str, Quote]:
    ids = {each.id for each in archive.articles()} if ids is None else ids
    (found,) = archive.match_standing_queries([archive.encode_question(watched, literal=True)], ids)
    return found


@pytest.mark.parametrize("watched", ["سالم الدرويش", "Salem Darouiche", "darwish", "Darwish"])
def test_a_name_of_the_list_matches_under_any_spelling_in_any_script(
    news: Archive, watched: str
) -> None:
    assert set(matches(news, watched)) == {"bridge-ar", "bridge-en"}


def test_a_name_that_only_the_title_has_is_told_by_the_first_passage(archive: Archive) -> None:
    archive.add(draft("a", "افتتح الرئيس المدرسة الجديدة.", title="زيارة سامي الورفلي"))
    (quote,) = matches(archive, "Werfelli").values()
    assert quote.text == "افتتح الرئيس المدرسة الجديدة."


def test_a_listed_name_that_only_the_title_has_is_told_by_the_first_passage(
    own_news: Archive,
) -> None:
    own_news.add(draft("a", "افتتح الرئيس المدرسة الجديدة.", title="زيارة سالم الدرويش"))
    (quote,) = matches(own_news, "Salem Darwish", {"a"}).values()
    assert quote.text == "افتتح الرئيس المدرسة الجديدة."


def test_a_family_name_alone_matches_its_other_bearers_and_a_full_name_does_not(
    own_news: Archive,
) -> None:
    own_news.add(draft("karim", "افتتح كريم الدرويش معرض الخزف في طرشة."))
    assert "karim" in matches(own_news, "Darwish")
    assert "karim" not in matches(own_news, "Salem Darwish")


@pytest.mark.parametrize("watched", ["الورفلي", "Werfelli", "Sami Werfelli", "Sami Ouarfalli"])
def test_a_name_that_no_list_has_matches_in_both_scripts(own_news: Archive, watched: str) -> None:
    own_news.add(draft("meeting", MEETING))
    found = matches(own_news, watched)
    assert set(found) == {"meeting"}
    start, end = found["meeting"].highlight
    assert found["meeting"].text[start:end] == "التقى سامي الورفلي أعضاء الغرفة التجارية أمس."


@pytest.mark.parametrize(
    ("watched", "text"),
    [
        ("Marin", "The Marinas of Torsha are full of small boats."),
        ("سالم", "أعلنت مسالمة طرشة فتح السوق القديم."),
        ("Farage", "التقى الفريقان في ملعب نوران، وهناك فرق كبير بينهما."),
        ("بيلوسي", "The council wrote a new policy for the market."),
    ],
)
def test_what_only_resembles_a_name_does_not_match(
    archive: Archive, watched: str, text: str
) -> None:
    archive.add(draft("other", text))
    assert matches(archive, watched) == {}


def test_the_words_of_a_name_must_stand_in_one_passage(archive: Archive) -> None:
    speeches = "It was a long day of speeches. " * 40
    together = f"Sami Darin opened the market. {speeches}"
    apart = f"Sami Noor opened the market. {speeches}\n\nLayla Darin closed it. {speeches}"
    archive.add(draft("together", together, title="The market"))
    archive.add(draft("apart", apart, title="The market"))
    assert set(matches(archive, "Sami Darin")) == {"together"}


@pytest.mark.parametrize(
    ("watched", "about"),
    [
        ("انهيار جسر", {"bridge-ar", "bridge-ar2", "bridge-later"}),
        ("bridge collapse", {"bridge-en"}),
        ("fish prices", {"fish"}),
        ("مدرسة موسيقى", {"school-en", "school-fr"}),
        ("school of music", {"school-en", "school-fr"}),
        ("école de musique", {"school-en", "school-fr"}),
    ],
)
def test_a_topic_matches_by_meaning_also_in_other_languages_and_nothing_else(
    news: Archive, watched: str, about: set[str]
) -> None:
    assert set(matches(news, watched)) == about


@pytest.mark.parametrize(
    "watched", ["nuclear weapons talks", "كأس العالم لكرة القدم", "campagne de vaccination"]
)
def test_a_topic_that_nothing_is_about_matches_nothing(news: Archive, watched: str) -> None:
    assert matches(news, watched) == {}


@pytest.mark.processor
def test_whether_an_article_matches_does_not_depend_on_the_others_that_are_asked_about(
    news: Archive,
) -> None:
    every = matches(news, "انهيار جسر")
    assert len(every) == 3
    for article_id, quote in every.items():
        alone = matches(news, "انهيار جسر", {article_id})
        assert set(alone) == {article_id}
        assert_same_quotes([alone[article_id]], [quote])


def test_each_watched_thing_gets_its_own_matches_in_order(news: Archive) -> None:
    understood = [
        news.encode_question(each, literal=True)
        for each in ("school of music", "Darwish", "Quixote")
    ]
    school, man, nobody = news.match_standing_queries(understood, [each.id for each in ALL])
    assert set(school) == {each.id for each in SCHOOL}
    assert set(man) == {"bridge-ar", "bridge-en"}
    assert nobody == {}


def test_a_removed_article_never_matches_and_an_unknown_one_is_no_error(own_news: Archive) -> None:
    watched = "سالم الدرويش"
    own_news.remove("bridge-ar")
    assert set(matches(own_news, watched, {"bridge-ar", "bridge-en", "no such article"})) == {
        "bridge-en"
    }
    own_news.restore("bridge-ar")
    assert "bridge-ar" in matches(own_news, watched, {"bridge-ar"})
    assert matches(own_news, watched, {"no such article"}) == {}
    assert matches(own_news, watched, set()) == {}


@pytest.mark.parametrize("watched", ["Darwish", "الدرويش", "school of music", "انهيار جسر"])
def test_what_is_quoted_is_a_slice_of_the_article_with_a_sentence_marked(
    news: Archive, watched: str
) -> None:
    found = matches(news, watched)
    assert found
    for article_id, quote in found.items():
        assert quote.article.id == article_id
        assert quote.article.text[quote.start : quote.end] == quote.text
        start, end = quote.highlight
        assert 0 <= start < end <= len(quote.text)


@pytest.mark.parametrize("watched", ["latest news", "news", "of the", "yesterday"])
def test_nothing_is_watched_by_words_that_name_no_thing(own_news: Archive, watched: str) -> None:
    own_news.add(draft("late", "The latest news of the town came late."))
    assert matches(own_news, watched) == {}


def test_a_model_that_nothing_was_fitted_for_matches_a_topic_only_by_all_of_its_words(
    news: Archive,
) -> None:
    search = news._retriever
    search.calibration = search.calibration.model_copy(update={"evidence": None})
    assert set(matches(news, "school of music")) == {"school-en"}
    assert matches(news, "nuclear weapons talks") == {}
