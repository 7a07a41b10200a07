"""What the tests of the daily briefing share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from index.archive import Archive
from index.model.embedder import Embedder
from index.text.story import BoilerplateRules
from tests.digest.days import Clock, OpenAt
from tests.telegram.double.server import Double
from tests.town import TRIPOLI


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


@pytest.fixture
def double() -> Iterator[Double]:
    """A Bot API of the test's own; calls that Telegram would not bear fail the test at its end."""
    with Double() as running:
        yield running
        running.check()
