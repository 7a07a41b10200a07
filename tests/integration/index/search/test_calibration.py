from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from index.embeddings.embedder import Embedder
from index.search.calibration import CENTRING_STRENGTH, LANGUAGES, Calibration, language_rows


def calibration(**means: tuple[float, ...]) -> Calibration:
    zero = dict.fromkeys(LANGUAGES, (0.0, 0.0, 0.0))
    return Calibration(
        fingerprint="x",
        fitted_on="x",
        questions={**zero, **means},
        passages={**zero, **means},
        evidence=None,
    )


def unit(*vector: float) -> np.ndarray:
    return np.array(vector, np.float32) / np.linalg.norm(vector).astype(np.float32)


def test_a_cosine_is_centred_by_taking_each_sides_own_mean_away() -> None:
    mean = (0.5, 0.2, 0.1)
    known = calibration(ar=mean)
    question, passage = unit(1, 1, 0), unit(1, 0, 1)
    found = known.centred_cosines(
        known.centre_question(question, "ar"), passage[None, :], language_rows(["ar-LY"])
    )
    moved = [vector - CENTRING_STRENGTH * np.array(mean) for vector in (question, passage)]
    cosine = moved[0] @ moved[1] / np.linalg.norm(moved[0]) / np.linalg.norm(moved[1])
    assert found == pytest.approx([cosine], abs=1e-5)


def test_an_unknown_language_is_measured_from_the_mean_of_all() -> None:
    assert language_rows(["ar", "en-GB", "fr", "fa", None]).tolist() == [0, 1, 2, 3, 3]
    known = calibration(ar=(0.3, 0.0, 0.0))
    moved = known.centre_question(unit(1, 1, 1), None)
    assert moved == pytest.approx(
        unit(*(unit(1, 1, 1) - CENTRING_STRENGTH * np.array([0.1, 0, 0]))), abs=1e-5
    )


def test_a_model_of_which_nothing_was_fitted_is_left_as_it_is_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        unknown = Calibration.load_for_model("other", 3, tmp_path)
    vector = unit(1, 2, 3)
    assert unknown.centre_question(vector, "ar") == pytest.approx(vector)
    assert unknown.evidence is None
    assert "No calibration was fitted" in caplog.text


def test_the_default_model_has_been_fitted(embedder: Embedder) -> None:
    fitted = Calibration.load_for_model(embedder.fingerprint, embedder.dimension)
    assert fitted.evidence is not None
    assert len(fitted.questions["ar"]) == embedder.dimension


def test_means_of_unequal_length_or_of_too_few_languages_are_refused() -> None:
    good = json.loads(calibration().model_dump_json())
    for means in ({"ar": [0.0]}, {"ar": [0.0], "en": [0.0], "fr": [0.0, 1.0]}):
        with pytest.raises(ValidationError, match="one mean"):
            Calibration.model_validate({**good, "questions": means})
