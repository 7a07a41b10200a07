"""Web pages."""

from __future__ import annotations

from collections.abc import Iterator

from index.ingest.html.reader import read_page
from tests.fixtures.editors import DAM, hidden_page, page
from tests.fuzz.harness import HINTS, NOW, evaluation_files, read_or_refuse

SEEDS = (
    page("The dam is open", DAM, date="2026-02-05T09:30:00+02:00").encode(),
    hidden_page("The dam is open", DAM).encode(),
    page("The dam is open", DAM, printed="الخميس 5 فبراير 2026 - 10:15").encode("utf-16"),
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data."""
    return evaluation_files("html", ".html")


def run(data: bytes) -> None:
    """Read a page."""
    read = read_or_refuse(
        lambda: read_page(data, url=HINTS.url, charset=None, now=NOW, rules=HINTS.rules)
    )
    if read:
        read.model_dump_json().encode()
