from __future__ import annotations

import pytest

from index.search.lexical import K1, B
from index.search.wording import held
from tests.search.passages_for_ranking import candidate, name, word, wording


def test_the_share_is_that_of_the_rarity_of_the_words_a_passage_and_its_context_hold() -> None:
    seeks = wording(word(1), word(2, 3), word(4), rarity=[1, 2, 5])
    (found,) = held(seeks, [candidate(1, 0.5, 0.5, context=[1], said=[[9], [3, 3]])])
    assert found.share == pytest.approx(3 / 8)
    assert found.share_by_sentence == pytest.approx((1 / 8, 3 / 8))


def test_the_rarest_missing_word_is_measured_against_the_rarest_possible() -> None:
    seeks = wording(word(1), word(2), rarity=[1, 2], passages=100)
    missing, whole = held(seeks, [candidate(1, 0.5, said=[[1]]), candidate(2, 0.5, said=[[1, 2]])])
    assert 0 < missing.rarest_missing < 1
    assert whole.rarest_missing == 0


def test_a_name_is_held_where_all_words_of_one_spelling_are() -> None:
    seeks = wording(name([1, 2], [3]))
    said = [[[1, 8]], [[2], [1]], [[3]]]
    shares = [
        each.share for each in held(seeks, [candidate(1, *[0.5] * len(s), said=s) for s in said])
    ]
    assert shares == [0, 1, 1]


def test_relevance_is_bm25_as_a_share_of_all_rarity() -> None:
    seeks = wording(word(1), word(2), rarity=[3, 1])
    (found,) = held(seeks, [candidate(1, 0.5, said=[[1, 1, 5, 6, 7]])])
    slow = K1 * (1 - B + B * 5 / 10)
    assert found.relevance == pytest.approx(3 / 4 * 2 / (2 + slow))


def test_a_question_without_words_is_held_by_nothing() -> None:
    (found,) = held(wording(), [candidate(1, 0.5, 0.5)])
    assert (found.relevance, found.share, found.share_by_sentence) == (0, 0, (0, 0))


def test_a_question_none_of_whose_words_is_stored_is_held_by_nothing_and_misses_all() -> None:
    (found,) = held(wording(word(), word(), rarity=[1, 2]), [candidate(1, 0.5, said=[[1]])])
    assert (found.relevance, found.share, found.share_by_sentence) == (0, 0, (0,))
    assert found.rarest_missing > 0


def test_words_whose_numbers_end_in_the_same_bits_are_told_apart() -> None:
    seeks = wording(word(1), word(2), rarity=[1, 3])
    (found,) = held(seeks, [candidate(1, 0.5, said=[[1, 2 + (1 << 16), 2 + (1 << 24)]])])
    assert found.share == 1 / 4
