from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.search.dense import CACHE_NAME, REBUILD_BEYOND, DenseIndex
from index.store.rows import Change

DIMENSION = 8


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


class Shelf:
    """Vectors by article, and the log of what changed: what the store is to the index."""

    def __init__(self) -> None:
        self.store_id = "shelf"
        self.history = 0
        self.articles: dict[int, dict[int, NDArray[np.float32]]] = {}
        self.log: list[Change] = []
        self.reads = 0
        self._next = 1

    def put(self, key: int, *seeds: int) -> None:
        self.articles[key] = {self._next + n: unit(seed) for n, seed in enumerate(seeds)}
        self._next += len(seeds)
        self.log.append(Change(len(self.log) + 1, key))

    def drop(self, key: int) -> None:
        self.articles.pop(key, None)
        self.log.append(Change(len(self.log) + 1, key))

    def last_change(self) -> int:
        return len(self.log)

    def stamp(self, seq: int) -> str | None:
        return f"{self.store_id}-{seq}-{self.history}" if 0 < seq <= len(self.log) else None

    def changes_after(self, seq: int) -> list[Change]:
        return self.log[seq:]

    def passage_vectors(self, fingerprint, article_keys=None):  # noqa: ANN001, ANN201 - as in the store
        self.reads += 1
        rows = [
            (passage, key, vector)
            for key, owned in sorted(self.articles.items())
            if article_keys is None or key in set(article_keys)
            for passage, vector in owned.items()
        ]
        return (
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float32).reshape(-1, DIMENSION),
        )

    def ids(self) -> set[int]:
        return {passage for owned in self.articles.values() for passage in owned}


def opened(shelf: Shelf, folder: Path, fingerprint: str = "model") -> DenseIndex:
    return DenseIndex(shelf, DIMENSION, fingerprint, folder)


def found(index: DenseIndex, depth: int = 100) -> set[int]:
    return {hit.passage_id for hit in index.search(unit(0), depth)}


def test_the_nearest_passage_comes_first_with_its_cosine(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10, 11, 12)
    best = opened(shelf, tmp_path).search(unit(11), 2)[0]
    assert best.passage_id == 2
    assert best.score == pytest.approx(1.0, abs=1e-5)


def test_a_search_among_some_passages_finds_no_others(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10, 11, 12)
    hits = opened(shelf, tmp_path).search(unit(11), 3, np.array([1, 3], np.int64))
    assert {hit.passage_id for hit in hits} == {1, 3}
    assert opened(shelf, tmp_path).search(unit(11), 3, np.array([], np.int64)) == []


def test_an_empty_archive_has_no_hits(tmp_path: Path) -> None:
    assert opened(Shelf(), tmp_path).search(unit(1), 5) == []


@settings(max_examples=30)
@given(
    steps=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=25),
    follows=st.integers(1, 5),
)
def test_following_the_log_gives_what_building_anew_gives(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]], follows: int
) -> None:
    folder = tmp_path_factory.mktemp("dense")
    shelf = Shelf()
    index = opened(shelf, folder)
    for number, (key, passages) in enumerate(steps):
        if passages:
            shelf.put(key, *range(number, number + passages))
        else:
            shelf.drop(key)
        if number % follows == 0:
            index.follow()
            index.save()
    index.follow()
    assert found(index) == shelf.ids()
    again = opened(shelf, folder)
    again.follow()
    assert found(again) == shelf.ids()


def test_many_changes_at_once_are_read_as_a_whole(tmp_path: Path) -> None:
    shelf = Shelf()
    index = opened(shelf, tmp_path)
    for number in range(REBUILD_BEYOND + 1):
        shelf.put(number, number)
    reads = shelf.reads
    index.follow()
    assert found(index, 1000) == shelf.ids()
    assert shelf.reads == reads + 1


def test_a_saved_cache_is_read_instead_of_the_database(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10, 11)
    opened(shelf, tmp_path).save()
    shelf.reads = 0
    assert found(opened(shelf, tmp_path)) == shelf.ids()
    assert shelf.reads == 0


@pytest.mark.parametrize("keep", [0, 1, 40, 200])
def test_a_cut_cache_is_ignored_with_a_warning_and_built_again(
    tmp_path: Path, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    shelf.put(1, 10, 11)
    opened(shelf, tmp_path).save()
    cache = tmp_path / CACHE_NAME
    cache.write_bytes(cache.read_bytes()[:keep])
    again = opened(shelf, tmp_path)
    assert found(again) == shelf.ids()
    assert "damaged" in caplog.text
    again.save()
    reads = shelf.reads
    assert found(opened(shelf, tmp_path)) == shelf.ids()
    assert shelf.reads == reads


def test_a_cache_with_a_changed_byte_is_ignored(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10, 11)
    opened(shelf, tmp_path).save()
    cache = tmp_path / CACHE_NAME
    content = bytearray(cache.read_bytes())
    content[-40] ^= 1
    cache.write_bytes(content)
    assert found(opened(shelf, tmp_path)) == shelf.ids()


def test_a_cache_of_another_archive_or_model_or_later_state_is_ignored(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10)
    shelf.put(2, 11)
    opened(shelf, tmp_path).save()
    other = Shelf()
    other.store_id = "another"
    other.put(7, 12)
    assert found(opened(other, tmp_path)) == other.ids()
    restored = Shelf()
    restored.put(1, 10)
    assert found(opened(restored, tmp_path)) == restored.ids()
    reads = shelf.reads
    opened(shelf, tmp_path, "other weights")
    assert shelf.reads == reads + 1


def test_a_cache_from_before_a_backup_was_put_back_is_ignored(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10)
    shelf.put(2, 11)
    opened(shelf, tmp_path).save()
    restored = Shelf()
    restored.history = 1
    restored.put(1, 12)
    restored.put(2, 13)  # the same numbers and ids as before, other passages
    best = opened(restored, tmp_path).search(unit(13), 1)[0]
    assert (best.passage_id, round(best.score, 4)) == (2, 1.0)


def test_a_log_that_went_back_is_followed_by_building_anew(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(1, 10)
    shelf.put(2, 11)
    index = opened(shelf, tmp_path)
    shelf.log.pop()
    del shelf.articles[2]
    index.follow()
    assert found(index) == shelf.ids()


def test_what_killed_processes_left_of_a_cache_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / f"{CACHE_NAME}.12345").write_bytes(b"half")
    shelf = Shelf()
    shelf.put(1, 10)
    opened(shelf, tmp_path).save()
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_NAME]


def test_a_cache_that_cannot_be_written_costs_a_warning_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    shelf.put(1, 10)
    opened(shelf, tmp_path / "missing").save()
    assert "not saved" in caplog.text
