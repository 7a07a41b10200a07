from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from index.models import Article
from index.search.quote_selection import build_quote, newest_first, select_diverse
from index.search.scoring import ScoredPassage, without_scores
from index.storage.records import CandidatePassage
from tests.fixtures.candidate_passages import candidate


def article(article_id: str, text: str) -> Article:
    return Article(
        number=1, id=article_id, text=text, headline="x", added_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def chosen(*passages: CandidatePassage, limit: int = 3) -> list[int]:
    by_id = {passage.passage_id: passage for passage in passages}
    selection = select_diverse(without_scores(passages), by_id, limit)
    return [selected.candidate.passage_id for selected in selection]


def scored(passages: Sequence[CandidatePassage], *scores: float) -> list[ScoredPassage]:
    order = zip(without_scores(passages), scores, strict=True)
    return [ranked._replace(score=score) for ranked, score in order]


def test_a_quote_is_the_slice_and_marks_its_best_sentence() -> None:
    spans = np.array([(8, 12), (13, 17)], np.int32)
    found = candidate(7, 0.1, 0.9)._replace(start=8, end=17, sentences=spans)
    ranked = without_scores([found])[0]._replace(best_sentence=found.passage.sentences[1])
    (choice,) = select_diverse([ranked], {7: found}, 3)
    quoted = build_quote(choice, {7: article("a", "Before. One. Two. After.")})
    assert quoted.article.text[quoted.start : quoted.end] == quoted.text == "One. Two."
    assert quoted.text[slice(*quoted.highlight)] == "Two."
    assert quoted.also == ()


def test_passages_that_say_the_same_are_chosen_once_by_the_best_placed() -> None:
    passages = [
        candidate(key, 0.5, words=words) for key, words in ((8, b"1"), (7, b"1"), (9, b"2"))
    ]
    assert chosen(*passages) == [8, 9]


def test_a_passage_that_repeats_most_words_of_a_chosen_one_is_left_out() -> None:
    first, again = range(10), [*range(9), 20]
    other = [*range(5), *range(30, 35)]
    said = [candidate(n, 0.5, said=[words]) for n, words in enumerate((first, again, other))]
    assert chosen(*said) == [0, 2]


def test_no_more_are_chosen_than_asked_for() -> None:
    passages = [candidate(n, 0.5, said=[[n]]) for n in range(5)]
    assert chosen(*passages, limit=2) == [0, 1]


def test_the_newest_of_the_best_ones_equals_comes_first_and_unknown_dates_after_them() -> None:
    dates = {1: "2020-01-01", 2: None, 3: "2024-01-01", 4: "2026-01-01"}
    passages = [candidate(key, 0.5, published=day) for key, day in dates.items()]
    ranked = scored(passages, 0.9, 0.89, 0.85, 0.5)
    reordered = newest_first(ranked, {passage.passage_id: passage for passage in passages})
    assert [passage.passage_id for passage in reordered] == [3, 1, 2, 4]
    assert newest_first([], {}) == []


def test_the_other_articles_that_carry_a_passage_are_named_under_also() -> None:
    found = candidate(7, 0.5)._replace(end=4)
    (choice,) = select_diverse(without_scores([found]), {7: found}, 3)
    articles = {key: article(str(key), "One.") for key in (6, 7, 8)}
    assert [other.id for other in build_quote(choice, articles).also] == ["6", "8"]
