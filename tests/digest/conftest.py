"""What the tests of the daily briefing share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.telegram.double.server import Double


@pytest.fixture
def double() -> Iterator[Double]:
    """A Bot API of the test's own; calls that Telegram would not bear fail the test at its end."""
    with Double() as running:
        yield running
        running.check()
