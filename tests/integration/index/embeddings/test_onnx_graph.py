from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fixtures.sample_articles import PROJECT


def test_models_that_torch_runs_or_makes_pass_their_tests() -> None:
    """Run them in a process of their own, which frees torch's 400 MB."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/integration/index/embeddings/torch_model_checks.py",
        ],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_a_graph_holds_no_copy_of_the_word_embeddings(prepared: Path) -> None:
    weights = (prepared / "model.safetensors").stat().st_size
    assert (prepared / "encoder.onnx").stat().st_size < weights / 5
