from __future__ import annotations

import pytest

from index.search.dense_index import MAX_FLAT_SIZE
from tests.fakes.vector_store import FEW, FakeVectorStore


@pytest.fixture(params=[MAX_FLAT_SIZE, FEW], ids=["whole", "lists"])
def store(request: pytest.FixtureRequest) -> FakeVectorStore:
    """Return a fake store that is searched exhaustively, or one large enough for IVF lists."""
    return FakeVectorStore(request.param)
