"""Words that a feed's articles must have, or must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.keyword_filter import MAX_KEYWORDS, KeywordFilter, validate_keywords
from bot.settings import load_gazetteer
from index.errors import InvalidInputError
from index.text.gazetteer import Gazetteer
from tests.fixtures.sample_articles import PROJECT

TOPICS = KeywordFilter(Gazetteer(load_gazetteer(PROJECT / "config")))


@pytest.mark.parametrize(
    ("text", "require", "refuse", "fits"),
    [
        ("The harbour of Noran", [], [], True),
        ("The harbour of Noran", ["harbours"], [], True),
        ("The harbour of Noran", ["bridge", "Noran"], [], True),
        ("The harbour of Noran", ["bridge"], [], False),
        ("The harbour of Noran", [], ["NORAN"], False),
        ("The harbour of Noran", ["harbour"], ["Noran"], False),
        ("وصلوا بالميناء الجديد", ["ميناء"], [], True),
        ("المِينَاء", ["ميناء"], [], True),
        ("وصل حفتر إلى نوران", ["Haftar"], [], True),
        ("Hifter left Noran", [], ["حفتر"], False),
        ("border security talks", ["border security"], [], True),
        ("security of the border", ["border security"], [], False),
        ("a harbourmaster spoke", ["harbour.*"], [], False),
        ("كرة القدم في نوران", [], ["كرة القدم"], False),
        ("كرة الثلج في القدم", [], ["كرة القدم"], True),
    ],
)
def test_words_are_compared_as_search_compares_them(
    text: str, require: list[str], refuse: list[str], fits: bool
) -> None:
    assert TOPICS.accepts(text, require, refuse) is fits


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_no_text_and_no_word_breaks_the_search(text: str, words: list[str]) -> None:
    try:
        kept = validate_keywords(words)
    except InvalidInputError:
        return
    assert TOPICS.accepts(text, (), ()) is True
    TOPICS.accepts(text, kept, kept)


@given(st.sampled_from(["harbour", "ميناء", "Haftar", "border security"]))
def test_what_is_required_and_refused_at_once_never_fits(word: str) -> None:
    assert not TOPICS.accepts(f"one {word} two", [word], [word])


def test_words_are_kept_once_without_spaces_around_them() -> None:
    assert validate_keywords([" harbour ", "harbour", "border   security", " "]) == (
        "harbour",
        "border security",
    )


@pytest.mark.parametrize("word", ["the", "…", "من", "x" * 200])
def test_what_cannot_be_looked_for_is_refused(word: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be looked for"):
        validate_keywords([word])


def test_too_many_words_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="more than"):
        validate_keywords([f"word{n}" for n in range(MAX_KEYWORDS + 1)])
