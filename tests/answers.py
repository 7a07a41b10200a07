"""Comparing answers: what is quoted must be the same, and scores within the noise of floats."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.article import Answer, Quote

NOISE = 1e-4
"""Scores of the same vectors, added up in another order, differ by some 1e-7, and quotes show six
decimals; ranking tells scores apart that differ by .008 (`OWN_LANGUAGE`, its smallest weight)."""


def assert_same_quotes(found: Sequence[Quote], wanted: Sequence[Quote]) -> None:
    unscored = [[each.model_copy(update={"score": 0.0}) for each in of] for of in (found, wanted)]
    assert unscored[0] == unscored[1]
    scores = [each.score for each in wanted]
    assert [each.score for each in found] == pytest.approx(scores, abs=NOISE)


def assert_same_answer(found: Answer, wanted: Answer) -> None:
    nothing = {"quotes": (), "nearest": ()}
    assert found.model_copy(update=nothing) == wanted.model_copy(update=nothing)
    assert_same_quotes(found.quotes, wanted.quotes)
    assert_same_quotes(found.nearest, wanted.nearest)
