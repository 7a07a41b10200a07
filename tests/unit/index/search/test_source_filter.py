"""A question may name the source that it wants to hear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.source_filter import find_source, match_sources

SOURCES = ("Noran Gazette", "BBC", "skynews", "صحيفة نوران", "france24")


@pytest.mark.parametrize(
    ("question", "source", "rest"),
    [
        ("according to the BBC, who met in Noran?", "BBC", "who met in Noran?"),
        ("only BBC: Noran", "BBC", "Noran"),
        ("What did Sky News say about Noran?", "skynews", "Noran?"),
        ("ماذا حدث في نوران بحسب سكاي نيوز؟", "skynews", "ماذا حدث في نوران ؟"),
        ("نقلا عن بي بي سي من التقى؟", "BBC", "من التقى؟"),
        ("Que s'est-il passé selon France 24 ?", "france24", "Que s'est-il passé ?"),
        ("according to Noran Gazette who came?", "Noran Gazette", "who came?"),
    ],
)
def test_the_source_is_taken_out_of_the_question(question: str, source: str, rest: str) -> None:
    found = find_source(question, SOURCES)
    assert found
    assert source in found.sources
    assert found.remaining_text == rest


@pytest.mark.parametrize(
    "question",
    [
        "according to the minister, who came?",
        "only Reuters: Noran",
        "who met the BBC?",
        "حسب الوزير من التقى؟",
        "selon le journal, qui est venu ?",
        "only",
        "",
    ],
)
def test_what_is_no_source_of_the_archive_narrows_nothing(question: str) -> None:
    assert find_source(question, SOURCES) is None


def test_a_name_in_another_language_is_the_same_source() -> None:
    assert match_sources("بي بي سي", SOURCES) == ("BBC",)
    assert match_sources("Sky News Arabia", SOURCES) == ("skynews",)
    assert match_sources("Reuters", SOURCES) == ()


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=5))
def test_any_text_and_any_source_are_taken(text: str, sources: list[str]) -> None:
    found = find_source(f"according to {text}", sources)
    assert found is None or set(found.sources) <= set(sources)
