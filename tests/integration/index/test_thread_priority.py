"""Background threads have low priority and use no other threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from index.embeddings.build.prepare import DEFAULT_MODEL
from index.embeddings.embedder import load_embedder
from index.thread_priority import NICENESS, is_background_thread, lower_thread_priority

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has threads' priorities")
TEXTS = [f"The council of quarter {n} met and chose a new baker." for n in range(8)]


@pytest.fixture
def background() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, initializer=lower_thread_priority) as lane:
        yield lane


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def niceness_of_a_child() -> int:
    script = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"
    return int(subprocess.check_output([sys.executable, "-c", script]))


@LINUX
@pytest.mark.parametrize("measured", [niceness, niceness_of_a_child])
def test_a_thread_that_gives_way_is_nice_and_so_are_the_processes_it_starts(
    background: ThreadPoolExecutor, measured: Callable[[], int]
) -> None:
    before = measured()
    assert background.submit(measured).result() == max(NICENESS, before)
    assert measured() == before


def test_only_the_thread_that_gives_way_is_known_to(background: ThreadPoolExecutor) -> None:
    assert background.submit(is_background_thread).result()
    assert not is_background_thread()


@LINUX
def test_who_is_nicer_already_stays_so() -> None:
    def nicest() -> int:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS + 5)
        lower_thread_priority()
        return niceness()

    with ThreadPoolExecutor(1) as lane:
        assert lane.submit(nicest).result() == NICENESS + 5


def test_texts_embedded_in_the_background_take_no_other_thread_and_get_the_same_vectors(
    background: ThreadPoolExecutor, models_folder: Path
) -> None:
    embedder = load_embedder(DEFAULT_MODEL, models_folder)

    def embed() -> tuple[Any, set[threading.Thread]]:
        known = set(threading.enumerate())
        return embedder.embed_passages(TEXTS), set(threading.enumerate()) - known

    quiet, helpers = background.submit(embed).result()
    assert not helpers
    loud, helpers = embed()
    assert helpers
    assert loud == pytest.approx(quiet, abs=1e-6)
