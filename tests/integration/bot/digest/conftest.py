"""What the tests of the digest share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.digest_simulation import Clock, OpenAt
from tests.fixtures.sample_articles import TRIPOLI


@pytest.fixture(scope="session")
def open_at(embedder: Embedder, boilerplate: BoilerplateRules) -> OpenAt:
    """Open the archive in a folder at a time of its own, which its clock keeps in a file there."""

    @contextmanager
    def opened(folder: Path, now: datetime) -> Iterator[tuple[Archive, Clock]]:
        clock = Clock(folder / "clock", now)
        with Archive(
            folder / "archive",
            lambda: embedder,
            zone=TRIPOLI,
            boilerplate=boilerplate,
            clock=clock,
        ) as archive:
            yield archive, clock

    return opened
