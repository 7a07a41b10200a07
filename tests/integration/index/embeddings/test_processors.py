"""A text's vector has the same bits on every processor.

The digests were computed on a processor with AVX-512 and VNNI. `.ci/run` repeats these tests on an
emulated processor without AVX and FMA. If a new version of ONNX Runtime fails them, it can still be
used: update the digests, and check that both processors give the same ones.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from index.embeddings.build.onnx_graph import GRAPH_FILE, write_graph
from index.embeddings.embedder import Embedder
from tests.fixtures.texts import ARABIC, ENGLISH, FRENCH

pytestmark = pytest.mark.processor

TEXTS = [ARABIC[0], ARABIC[5], ENGLISH[1], FRENCH[0], " ".join(ARABIC[1:5])]
QUESTIONS = "3b99ce2ffc8b719c"
PASSAGES = "6966f4f481566af2"
PREPARED = "661c31ac6ab8a149"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def test_questions_have_the_same_vectors_on_every_processor(fast: Embedder) -> None:
    assert digest(fast.embed_questions(TEXTS).tobytes()) == QUESTIONS


def test_passages_have_the_same_vectors_on_every_processor(fast: Embedder) -> None:
    assert digest(fast.embed_passages(TEXTS).tobytes()) == PASSAGES


def test_the_model_is_prepared_alike_on_every_processor(prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(prepared, folder, copy_function=os.link)
    (folder / GRAPH_FILE).unlink()
    assert digest(write_graph(folder).read_bytes()) == PREPARED
