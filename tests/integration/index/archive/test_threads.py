"""Several threads may use an archive at once: who asks, who matches what is watched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.archive import Archive
from tests.fixtures.sample_articles import PORT, SCHOOL, draft

ROUNDS = 40
THREADS = 4


@pytest.fixture
def hurried() -> Iterator[None]:
    """Let threads take each other's turn as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_that_meet_a_change_at_once_take_it_over_once(
    archive: Archive, hurried: None
) -> None:
    school = archive.encode_question("school")
    for number in range(ROUNDS):
        archive.add(draft(f"a{number}", f"{SCHOOL} {PORT} {number}"))
        with ThreadPoolExecutor(THREADS) as threads:
            matching = []
            answering = []
            for _ in range(THREADS // 2):
                answering.append(threads.submit(archive.answer, school))
                matching.append(
                    threads.submit(archive.match_standing_queries, [school], [f"a{number}"])
                )
            assert all(job.result() for job in answering)
            assert all(f"a{number}" in job.result()[0] for job in matching)
    assert archive._retriever._dense.size == archive.stats().passages
