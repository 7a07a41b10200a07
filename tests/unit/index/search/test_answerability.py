from __future__ import annotations

import pytest

from index.search.answerability import (
    AnswerabilityFeatures,
    answer_log_odds,
    extract_features,
    name_features,
)
from index.search.calibration import AnswerabilityWeights
from index.search.scoring import rank
from index.storage.records import CandidatePassage
from tests.fixtures.candidate_passages import UNKNOWN, asked, candidate, word, wording

pytestmark = pytest.mark.processor

RULE = AnswerabilityWeights(bias=-1, weights={"own": 0.5, "own.sentence": 2, "other.sentence": 4})


def features_of(passage: CandidatePassage) -> AnswerabilityFeatures:
    ranked = rank(asked(), [passage], UNKNOWN)
    return extract_features(ranked, ranked[0], searched_count=1, lacks_requested=False)


def test_the_features_are_those_of_the_best_passage() -> None:
    seeks = asked(wording(word(1), word(2)))
    passages = [candidate(1, 0.9, own=0.7, said=[[1]]), candidate(2, 0.4), candidate(3, 0.3)]
    ranked = rank(seeks, passages, UNKNOWN)
    found = extract_features(ranked, ranked[0], searched_count=1_000, lacks_requested=True)
    assert (found.sentence, found.passage, found.plain) == pytest.approx((0.9, 0.7, 0.9))
    assert (found.words, found.words_in_sentence, found.size) == pytest.approx((0.5, 0.5, 3))
    assert found.lacks_requested == 1
    assert found.lead == pytest.approx(ranked[0].score - ranked[1].score)
    assert found.height == pytest.approx(
        ranked[0].score - sum(scored.score for scored in ranked) / 3
    )


def test_the_decision_is_the_weighted_sum_and_the_bias() -> None:
    found = features_of(candidate(1, 0.9))
    assert answer_log_odds(found, RULE, same_language=True) == pytest.approx(-1 + 0.5 + 2 * 0.9)
    assert answer_log_odds(found, RULE, same_language=False) == pytest.approx(-1 + 4 * 0.9)


def test_every_feature_has_a_weight_of_its_own_for_each_kind_of_language() -> None:
    found = features_of(candidate(1, 0.9))
    own, other = name_features(found, same_language=True), name_features(found, same_language=False)
    assert len(own) == len(other) == len(found) + 1
    assert not set(own) & set(other)
