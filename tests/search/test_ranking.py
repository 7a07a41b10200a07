from __future__ import annotations

import pytest

from index.search.rank import Asked, Ranked, in_order, rank
from index.store.rows import Candidate
from index.text.spans import Span
from tests.search.passages_for_ranking import UNKNOWN, asked, candidate, word, wording


def order(*passages: Candidate, of: Asked | None = None) -> list[Ranked]:
    return rank(of or asked(), passages, UNKNOWN)


def test_a_passage_is_ranked_by_the_mean_of_its_own_and_its_best_sentences_cosine() -> None:
    found = order(candidate(1, 0.2, 0.4, own=0.8), candidate(2, 0.9, own=0.5))
    assert [each.passage_id for each in found] == [2, 1]
    assert found[0].score - found[1].score == pytest.approx(0.1, abs=0.02)
    assert found[1].best == Span(10, 19)


def test_equal_scores_keep_the_older_passage_first() -> None:
    assert [each.passage_id for each in order(candidate(2, 0.5), candidate(1, 0.5))] == [1, 2]


def test_nothing_to_rank_is_no_order() -> None:
    assert order() == []


def test_a_passage_that_holds_the_questions_words_comes_before_one_that_does_not() -> None:
    seeks = asked(wording(word(7)))
    found = order(candidate(1, 0.5), candidate(2, 0.5, said=[[7]]), of=seeks)
    assert [each.passage_id for each in found] == [2, 1]
    assert (found[0].words, found[1].words) == (1, 0)


def test_words_that_no_passage_holds_change_nothing() -> None:
    passages = candidate(1, 0.6), candidate(2, 0.5, said=[[1]])
    with_words, without = order(*passages, of=asked(wording(word(8), word()))), order(*passages)
    assert [each.score for each in with_words] == [each.score for each in without]


def test_among_equals_the_questions_own_language_comes_first() -> None:
    passages = candidate(1, 0.5, language="ar"), candidate(2, 0.5, language="fr-CA")
    assert [each.passage_id for each in order(*passages, of=asked(language="fr"))] == [2, 1]
    assert [each.passage_id for each in order(*passages, of=asked(language="ar"))] == [1, 2]


def test_a_given_order_is_kept_and_each_passage_is_marked_at_its_first_sentence() -> None:
    found = in_order([candidate(2, 0.1, 0.9), candidate(1, 0.5)])
    assert [(each.passage_id, each.best) for each in found] == [(2, Span(0, 9)), (1, Span(0, 9))]
