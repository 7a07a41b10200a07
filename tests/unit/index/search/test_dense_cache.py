from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import pytest

from index.search.dense_index import CACHE_NAME
from tests.fakes.vector_store import FakeVectorStore, found, opened, unit


def test_a_saved_cache_is_read_instead_of_the_database(
    tmp_path: Path, store: FakeVectorStore
) -> None:
    store.put(1, 10, 11)
    index = opened(store, tmp_path)
    index.save()
    store.reads.clear()
    again = opened(store, tmp_path)
    assert again.search(unit(5), 200) == index.search(unit(5), 200)
    assert found(again) == store.ids()
    assert not store.reads
    assert again._clustered_size == index._clustered_size


@pytest.mark.parametrize("keep", [0, 1, 40, 200, -33, -1])
def test_a_cut_cache_is_ignored_with_a_warning_and_built_again(
    tmp_path: Path, store: FakeVectorStore, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(1, 10, 11)
    opened(store, tmp_path).save()
    cache = tmp_path / CACHE_NAME
    cache.write_bytes(cache.read_bytes()[:keep])
    again = opened(store, tmp_path)
    assert found(again) == store.ids()
    assert "damaged" in caplog.text
    again.save()
    store.reads.clear()
    assert found(opened(store, tmp_path)) == store.ids()
    assert not store.reads


@pytest.mark.parametrize("place", [0.0, 0.02, 0.2, 0.5, 0.9, 1.0])
def test_a_cache_with_a_changed_byte_is_ignored(
    tmp_path: Path, store: FakeVectorStore, place: float, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(1, 10, 11)
    opened(store, tmp_path).save()
    cache = tmp_path / CACHE_NAME
    content = bytearray(cache.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    cache.write_bytes(content)
    assert found(opened(store, tmp_path)) == store.ids()
    assert "damaged" in caplog.text


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_cache_that_is_whole_but_of_another_form_is_ignored(
    tmp_path: Path, store: FakeVectorStore, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(1, 10, 11)
    opened(store, tmp_path).save()
    cache = tmp_path / CACHE_NAME
    label, rest = cache.read_bytes().split(b"\n", 1)
    body = (b"", label + b"\n", label + b"\n" + rest[: len(rest) // 2])[keep] + b"of another form"
    cache.write_bytes(body + hashlib.sha256(body).digest())
    assert found(opened(store, tmp_path)) == store.ids()
    assert "has another format" in caplog.text


def test_a_cache_of_another_archive_or_model_or_later_state_is_ignored(tmp_path: Path) -> None:
    store = FakeVectorStore()
    store.put(1, 10)
    store.put(2, 11)
    opened(store, tmp_path).save()
    other = FakeVectorStore()
    other.store_id = "another"
    other.put(7, 12)
    assert found(opened(other, tmp_path)) == other.ids()
    restored = FakeVectorStore()
    restored.put(1, 10)
    assert found(opened(restored, tmp_path)) == restored.ids()
    store.reads.clear()
    opened(store, tmp_path, "other weights")
    assert store.reads == [2]


def test_a_cache_from_before_a_backup_was_put_back_is_ignored(
    tmp_path: Path, store: FakeVectorStore
) -> None:
    store.put(1, 10)
    store.put(2, 11)
    opened(store, tmp_path).save()
    restored = FakeVectorStore(store.small)
    restored.history = 1
    restored.put(1, 12)
    (wanted,) = restored.put(2, 13)  # the same numbers and ids as before, other passages
    best = opened(restored, tmp_path).search(unit(13), 1)[0]
    assert best.passage_id == wanted
    assert best.score == pytest.approx(1.0, abs=1e-3)


def test_what_killed_processes_left_of_a_cache_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / f"{CACHE_NAME}.12345").write_bytes(b"half")
    store = FakeVectorStore()
    store.put(1, 10)
    opened(store, tmp_path).save()
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_NAME]


def test_a_cache_that_cannot_be_written_costs_a_warning_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FakeVectorStore()
    store.put(1, 10)
    opened(store, tmp_path / "missing").save()
    assert "not saved" in caplog.text


def test_a_disk_that_is_full_leaves_the_cache_that_was_there(
    tmp_path: Path, store: FakeVectorStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(1, 10)
    index = opened(store, tmp_path)
    index.save()
    before = (tmp_path / CACHE_NAME).read_bytes()
    store.put(2, 11)
    index.catch_up()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, unlimited[1]))
    try:
        index.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert "not saved" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_NAME]
    assert (tmp_path / CACHE_NAME).read_bytes() == before
    index.save()
    assert (tmp_path / CACHE_NAME).read_bytes() != before
