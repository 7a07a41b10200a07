from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.scoring import (
    TYPICAL_CROSS_LINGUAL_COSINE,
    RankingQuery,
    ScoredPassage,
    rank,
    without_scores,
)
from index.storage.records import CandidatePassage
from index.text.spans import Span
from tests.fixtures.candidate_passages import UNKNOWN, asked, candidate, word, wording

pytestmark = pytest.mark.processor


def order(*passages: CandidatePassage, query: RankingQuery | None = None) -> list[ScoredPassage]:
    return rank(query or asked(), passages, UNKNOWN)


def test_a_passage_is_ranked_by_the_mean_of_its_own_and_its_best_sentences_cosine() -> None:
    found = order(candidate(1, 0.2, 0.4, own=0.8), candidate(2, 0.9, own=0.5))
    assert [scored.passage_id for scored in found] == [2, 1]
    assert found[0].score - found[1].score == pytest.approx(0.1, abs=0.02)
    assert found[1].best_sentence == Span(10, 19)


def test_equal_scores_keep_the_older_passage_first() -> None:
    assert [scored.passage_id for scored in order(candidate(2, 0.5), candidate(1, 0.5))] == [1, 2]


def test_nothing_to_rank_is_no_order() -> None:
    assert order() == []


def test_a_passage_that_holds_the_questions_words_comes_before_one_that_does_not() -> None:
    seeks = asked(wording(word(7)))
    found = order(candidate(1, 0.5), candidate(2, 0.5, said=[[7]]), query=seeks)
    assert [scored.passage_id for scored in found] == [2, 1]
    assert (found[0].term_coverage, found[1].term_coverage) == (1, 0)


def test_among_equals_a_passage_that_goes_on_from_one_with_the_questions_words_comes_first() -> (
    None
):
    passages = [
        candidate(3, 0.5, article=1, said=[[6]]),
        candidate(7, 0.8, article=2, said=[[7]]),
        candidate(8, 0.5, article=2, said=[[6]]),
    ]
    found = order(*passages, query=asked(wording(word(7))))
    assert [scored.passage_id for scored in found] == [7, 8, 3]


def test_words_that_no_passage_holds_change_nothing() -> None:
    passages = candidate(1, 0.6), candidate(2, 0.5, said=[[1]])
    with_words, without = order(*passages, query=asked(wording(word(8), word()))), order(*passages)
    assert [scored.score for scored in with_words] == [scored.score for scored in without]


def test_among_equals_the_questions_own_language_comes_first() -> None:
    passages = candidate(1, 0.5, language="ar"), candidate(2, 0.5, language="fr-CA")
    assert [scored.passage_id for scored in order(*passages, query=asked(language="fr"))] == [2, 1]
    assert [scored.passage_id for scored in order(*passages, query=asked(language="ar"))] == [1, 2]


def test_a_given_order_is_kept_and_each_passage_is_marked_at_its_first_sentence() -> None:
    found = without_scores([candidate(2, 0.1, 0.9), candidate(1, 0.5)])
    assert [(scored.passage_id, scored.best_sentence) for scored in found] == [
        (2, Span(0, 9)),
        (1, Span(0, 9)),
    ]


def test_across_languages_what_the_second_encoder_finds_nearer_comes_first() -> None:
    passages = candidate(1, 0.5, language="ar"), candidate(2, 0.5, language="ar")
    query = asked(language="en", across={1: 0.1, 2: 0.4})
    found = order(*passages, query=query)
    assert [scored.passage_id for scored in found] == [2, 1]
    assert found[0].cross_lingual_cosine - found[1].cross_lingual_cosine == pytest.approx(0.3)


def test_a_passage_that_the_second_encoder_has_not_seen_loses_and_gains_nothing() -> None:
    passages = [candidate(n, 0.5, language="ar") for n in (1, 2, 3)]
    query = asked(
        language="en",
        across={1: TYPICAL_CROSS_LINGUAL_COSINE - 0.2, 3: TYPICAL_CROSS_LINGUAL_COSINE + 0.2},
    )
    assert [scored.passage_id for scored in order(*passages, query=query)] == [3, 2, 1]
    (without,) = order(passages[1], query=asked(language="en"))
    assert order(*passages, query=query)[1].score == pytest.approx(without.score)


def test_words_count_for_more_across_languages() -> None:
    def gain(language: str) -> float:
        passages = candidate(1, 0.5), candidate(2, 0.5, said=[[7]])
        first, second = order(*passages, query=asked(wording(word(7)), language=language))
        return first.score - second.score

    assert gain("en") > 1.5 * gain("ar") > 0


@given(
    st.lists(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=4), min_size=1, max_size=5)
)
def test_the_best_sentence_is_the_first_of_the_nearest(passages: list[list[float]]) -> None:
    for scored in order(*(candidate(n, *cosines) for n, cosines in enumerate(passages))):
        cosines = np.array(passages[scored.passage_id], np.float32)
        best = scored.best_sentence.start // 10
        assert cosines[best] == pytest.approx(cosines.max(), abs=1e-3)
        assert not any(cosine > cosines[best] + 1e-6 for cosine in cosines[:best])
