"""The lexical index: its cache file, and how it follows the change log."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.search import bm25_index
from index.search.bm25_index import CACHE_NAME, MAX_INCREMENTAL_CHANGES, Bm25Index
from tests.fakes.term_store import FakeTermStore, together, word

EACH_WORD = [*(word(number) for number in range(1, 7)), word(2, 3), together(1, 4)]


@settings(max_examples=40)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 6), st.lists(st.lists(st.integers(1, 6), min_size=1), max_size=3)),
        max_size=25,
    ),
    follows=st.integers(1, 5),
    most_recent=st.sampled_from([0, 4, 2_000]),
)
def test_following_the_log_gives_what_building_anew_gives(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, list[list[int]]]],
    follows: int,
    most_recent: int,
) -> None:
    folder = tmp_path_factory.mktemp("lexical")
    store = FakeTermStore()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bm25_index, "MAX_UNMERGED_CHANGES", most_recent)
        index = Bm25Index(store, folder)
        for number, (key, passages) in enumerate(steps):
            if passages:
                store.put(key, *passages)
            else:
                store.drop(key)
            if number % follows == 0:
                index.catch_up()
                index.save()
        index.catch_up()
        again = Bm25Index(store, folder)
        again.catch_up()
    anew = Bm25Index(store, tmp_path_factory.mktemp("anew"))
    expected = anew.search(EACH_WORD, 5)
    for updated in (index, again):
        result = updated.search(EACH_WORD, 5)
        assert result.hits == expected.hits
        assert result.idf.tolist() == expected.idf.tolist()
        assert (updated.size, updated.average_length) == (anew.size, anew.average_length)


def test_many_changes_at_once_are_read_as_a_whole(tmp_path: Path) -> None:
    store = FakeTermStore()
    index = Bm25Index(store, tmp_path)
    for number in range(MAX_INCREMENTAL_CHANGES + 1):
        store.put(number, [1])
    reads = store.reads
    index.catch_up()
    assert index.size == MAX_INCREMENTAL_CHANGES + 1
    assert store.reads == reads + 1


def saved(folder: Path) -> FakeTermStore:
    store = FakeTermStore()
    store.put(1, [1, 2], [2])
    Bm25Index(store, folder).save()
    return store


def test_a_saved_cache_is_read_instead_of_the_database(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1, 2], [2])
    index = Bm25Index(store, tmp_path)
    index.save()
    reads = store.reads
    again = Bm25Index(store, tmp_path)
    assert store.reads == reads
    assert again.search([word(2)], 9).hits == index.search([word(2)], 9).hits != []


def test_a_cache_of_an_older_change_is_brought_up_to_date(tmp_path: Path) -> None:
    store = saved(tmp_path)
    store.put(1, [3])
    store.put(2, [1])
    index = Bm25Index(store, tmp_path)
    index.catch_up()
    assert {hit for hit, _ in index.search([word(1), word(2), word(3)], 9).hits} == {3, 4}


@pytest.mark.parametrize("keep", [0, 1, 64, 65, 100, 300])
def test_a_cut_cache_is_ignored_with_a_warning_and_built_again(
    tmp_path: Path, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    store = saved(tmp_path)
    cache = tmp_path / CACHE_NAME
    cache.write_bytes(cache.read_bytes()[:keep])
    again = Bm25Index(store, tmp_path)
    assert again.size == 2
    assert "damaged" in caplog.text
    again.save()
    reads = store.reads
    assert Bm25Index(store, tmp_path).size == 2
    assert store.reads == reads


@pytest.mark.parametrize("at", [3, 80, -1])
def test_a_cache_with_a_changed_byte_is_ignored(tmp_path: Path, at: int) -> None:
    store = saved(tmp_path)
    cache = tmp_path / CACHE_NAME
    content = bytearray(cache.read_bytes())
    content[at] ^= 1
    cache.write_bytes(content)
    reads = store.reads
    assert Bm25Index(store, tmp_path).size == 2
    assert store.reads == reads + 1


@pytest.mark.parametrize("what", ["store_id", "history"])
def test_a_cache_of_another_archive_or_from_before_a_backup_is_ignored(
    tmp_path: Path, what: str
) -> None:
    store = saved(tmp_path)
    setattr(store, what, "another")
    reads = store.reads
    Bm25Index(store, tmp_path)
    assert store.reads == reads + 1


def test_a_log_that_went_back_is_followed_by_building_anew(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1])
    store.put(2, [1])
    index = Bm25Index(store, tmp_path)
    store.log.pop()
    del store.articles[2]
    index.catch_up()
    assert index.size == 1


def test_a_change_that_cannot_be_read_is_applied_at_the_next_try(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1])
    index = Bm25Index(store, tmp_path)
    store.put(1, [2])
    with pytest.MonkeyPatch.context() as patched, pytest.raises(OSError, match="no disk"):
        patched.setattr(store, "passage_terms", lambda _: (_ for _ in ()).throw(OSError("no disk")))
        index.catch_up()
    index.catch_up()
    assert [hit for hit, _ in index.search([word(1), word(2)], 9).hits] == [2]


def test_what_killed_processes_left_of_a_cache_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / f"{CACHE_NAME}.12345").write_bytes(b"half")
    saved(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_NAME]


def test_a_cache_that_cannot_be_written_costs_a_warning_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    saved(tmp_path / "missing")
    assert "not saved" in caplog.text
