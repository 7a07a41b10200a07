from __future__ import annotations

import pytest

from index.search.bm25_index import K1, B
from index.search.term_overlap import PRECEDING_WEIGHT, term_overlaps
from index.storage.records import CandidatePassage
from tests.fixtures.candidate_passages import candidate, name, word, wording

pytestmark = pytest.mark.processor


def test_the_share_is_that_of_the_rarity_of_the_words_a_passage_and_its_context_hold() -> None:
    seeks = wording(word(1), word(2, 3), word(4), rarity=[1, 2, 5])
    (found,) = term_overlaps(seeks, [candidate(1, 0.5, 0.5, context=[1], said=[[9], [3, 3]])])
    assert found.coverage == pytest.approx(3 / 8)
    assert found.sentence_coverages == pytest.approx((1 / 8, 3 / 8))


def test_the_rarest_missing_word_is_measured_against_the_rarest_possible() -> None:
    seeks = wording(word(1), word(2), rarity=[1, 2], passages=100)
    missing, whole = term_overlaps(
        seeks, [candidate(1, 0.5, said=[[1]]), candidate(2, 0.5, said=[[1, 2]])]
    )
    assert 0 < missing.rarest_missing < 1
    assert whole.rarest_missing == 0


def test_a_name_is_held_where_all_words_of_one_spelling_are() -> None:
    seeks = wording(name([1, 2], [3]))
    said = [[[1, 8]], [[2], [1]], [[3]]]
    coverages = [
        overlap.coverage
        for overlap in term_overlaps(seeks, [candidate(1, *[0.5] * len(s), said=s) for s in said])
    ]
    assert coverages == [0, 1, 1]


def test_relevance_is_bm25_as_a_share_of_all_rarity() -> None:
    seeks = wording(word(1), word(2), rarity=[3, 1])
    (found,) = term_overlaps(seeks, [candidate(1, 0.5, said=[[1, 1, 5, 6, 7]])])
    slow = K1 * (1 - B + B * 5 / 10)
    assert found.relevance == pytest.approx(3 / 4 * 2 / (2 + slow))


def test_a_question_without_words_is_held_by_nothing() -> None:
    (found,) = term_overlaps(wording(), [candidate(1, 0.5, 0.5)])
    assert (found.relevance, found.coverage, found.sentence_coverages) == (0, 0, (0, 0))


def test_a_question_none_of_whose_words_is_stored_is_held_by_nothing_and_misses_all() -> None:
    (found,) = term_overlaps(
        wording(word(), word(), rarity=[1, 2]), [candidate(1, 0.5, said=[[1]])]
    )
    assert (found.relevance, found.coverage, found.sentence_coverages) == (0, 0, (0,))
    assert found.rarest_missing > 0


def test_words_whose_numbers_end_in_the_same_bits_are_told_apart() -> None:
    seeks = wording(word(1), word(2), rarity=[1, 3])
    (found,) = term_overlaps(seeks, [candidate(1, 0.5, said=[[1, 2 + (1 << 16), 2 + (1 << 24)]])])
    assert found.coverage == 1 / 4


def relevance(*passages: CandidatePassage) -> list[float]:
    return [overlap.relevance for overlap in term_overlaps(wording(word(1)), passages)]


def test_a_passage_takes_a_share_of_a_word_that_only_the_passage_before_it_says() -> None:
    first = candidate(4, 0.5, article=1, said=[[1, 5]])
    second = candidate(5, 0.5, article=1, said=[[6, 7]])
    third = candidate(6, 0.5, article=1, said=[[8, 9]])
    said, inherited, nothing = relevance(first, second, third)
    assert said > inherited == pytest.approx(PRECEDING_WEIGHT / (PRECEDING_WEIGHT + K1))
    assert nothing == 0


def test_the_passage_before_is_found_wherever_it_stands_among_the_candidates() -> None:
    first = candidate(4, 0.5, article=1, said=[[1, 5]])
    second = candidate(5, 0.5, article=1, said=[[6, 7]])
    assert relevance(second, first) == relevance(first, second)[::-1]


def test_a_word_that_a_passage_says_itself_counts_for_no_more_after_one_that_says_it() -> None:
    first = candidate(4, 0.5, article=1, said=[[1, 5]])
    second = candidate(5, 0.5, article=1, said=[[1, 7]])
    assert relevance(first, second)[1] == relevance(second)[0]


@pytest.mark.parametrize(("key", "article"), [(5, 2), (6, 1)])
def test_a_passage_takes_nothing_from_another_article_or_from_further_up(
    key: int, article: int
) -> None:
    first = candidate(4, 0.5, article=1, said=[[1]])
    assert relevance(first, candidate(key, 0.5, article=article, said=[[6]]))[1] == 0


def test_a_lead_that_is_the_context_of_the_next_passage_is_not_counted_there_again() -> None:
    lead = candidate(4, 0.5, article=1, said=[[1]])
    second = candidate(5, 0.5, article=1, context=[1], said=[[6]])
    assert relevance(lead, second)[1] == relevance(second)[0]


def test_after_a_title_the_first_passage_hands_its_words_on() -> None:
    first = candidate(4, 0.5, article=1, context=[3], said=[[1]])
    second = candidate(5, 0.5, article=1, context=[3], said=[[6]])
    assert relevance(first, second)[1] > 0


def test_a_word_that_only_the_context_says_counts_for_as_much_in_a_long_passage_as_in_a_short_one() -> (
    None
):
    short = candidate(1, 0.5, context=[1], said=[[5]])
    long = candidate(2, 0.5, context=[1], said=[list(range(5, 45))])
    assert relevance(short) == relevance(long)
