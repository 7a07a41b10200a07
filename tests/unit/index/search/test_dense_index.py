from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import StoreError
from index.search.dense_index import BATCH_SIZE, MAX_FLAT_SIZE, DenseIndex
from tests.fakes.vector_store import DIMENSION, FEW, FakeVectorStore, found, opened, topics, unit

pytestmark = pytest.mark.processor


def test_the_nearest_passage_comes_first_with_its_cosine(
    tmp_path: Path, store: FakeVectorStore
) -> None:
    _, wanted, _ = store.put(1, 10, 11, 12)
    best = opened(store, tmp_path).search(unit(11), 2)[0]
    assert best.passage_id == wanted
    assert best.score == pytest.approx(float(unit(11) @ unit(11)), abs=1e-6)


def test_a_search_among_some_passages_finds_no_others(
    tmp_path: Path, store: FakeVectorStore
) -> None:
    first, _, last = store.put(1, 10, 11, 12)
    index = opened(store, tmp_path)
    hits = index.search(unit(11), 3, np.array([first, last], np.int64))
    assert {hit.passage_id for hit in hits} == {first, last}
    assert index.search(unit(11), 3, np.array([], np.int64)) == []
    assert index.search(unit(11), 3, np.array([10**6], np.int64)) == []


def test_an_empty_archive_has_no_hits(tmp_path: Path) -> None:
    assert opened(FakeVectorStore(), tmp_path).search(unit(1), 5) == []


@settings(max_examples=30)
@given(
    steps=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=25),
    follows=st.integers(1, 5),
    small=st.sampled_from([MAX_FLAT_SIZE, FEW]),
)
def test_following_the_log_gives_what_building_anew_gives(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, int]],
    follows: int,
    small: int,
) -> None:
    folder = tmp_path_factory.mktemp("dense")
    store = FakeVectorStore(small)
    index = opened(store, folder)
    for number, (key, passages) in enumerate(steps):
        if passages:
            store.put(key, *range(number, number + passages))
        else:
            store.drop(key)
        if number % follows == 0:
            index.catch_up()
            index.save()
    index.catch_up()
    assert found(index) == store.ids()
    again = opened(store, folder)
    again.catch_up()
    assert found(again) == store.ids()


def test_in_lists_nearly_all_of_the_nearest_are_found_with_their_cosines(tmp_path: Path) -> None:
    store = FakeVectorStore(1024)
    questions = []
    for key, vectors in enumerate(topics(120, 51)):
        questions.append(vectors.pop())
        store.place(key, vectors)
    index = opened(store, tmp_path)
    assert index._ivf.nlist == 32
    missed = 0
    for question in questions[:50]:
        right = {hit.passage_id: hit.score for hit in store.nearest(question, 6000)}
        hits = index.search(question, 10)
        assert len(hits) == 10
        assert hits == sorted(hits, key=lambda hit: -hit.score)
        assert [hit.score for hit in hits] == pytest.approx([right[hit.passage_id] for hit in hits])
        missed += len(set(list(right)[:10]) - {hit.passage_id for hit in hits})
    assert missed <= 0.03 * 500


@settings(max_examples=50)
@given(window=st.sets(st.integers(1, 100), min_size=1, max_size=FEW // 16), seed=st.integers(0, 99))
def test_among_few_passages_the_search_is_exact(
    tmp_path_factory: pytest.TempPathFactory, window: set[int], seed: int
) -> None:
    store = FakeVectorStore(FEW)
    index = opened(store, tmp_path_factory.mktemp("dense"))
    hits = index.search(unit(seed), 3, np.array(sorted(window), np.int64))
    right = store.nearest(unit(seed), 3, window)
    assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in right], abs=1e-6)


def test_a_window_with_nothing_near_the_question_is_still_searched(tmp_path: Path) -> None:
    store = FakeVectorStore(FEW)
    here = unit(7)
    store.place(1, [here] * 40)
    far = store.place(2, [-here] * 40)
    hits = opened(store, tmp_path).search(here, 30, np.array(far, np.int64))
    assert len(hits) == 30
    assert {hit.passage_id for hit in hits} <= set(far)


def test_an_archive_that_grows_is_put_into_lists_and_arranged_anew_when_it_has_doubled(
    tmp_path: Path,
) -> None:
    store = FakeVectorStore()
    store.small = FEW
    index = opened(store, tmp_path)
    arranged = {}
    for key in range(60):
        store.put(key, *range(5 * key, 5 * key + 5))
        index.catch_up()
        assert found(index) == store.ids()
        arranged[index._clustered_size] = index._ivf.nlist
    assert arranged == {0: 1, 65: 2, 135: 2, 275: 2}
    assert sum(store.reads) == 60, "what was held already was not read again"


def test_lists_made_while_an_archive_is_read_are_kept_until_all_of_it_has_doubled(
    tmp_path: Path,
) -> None:
    store = FakeVectorStore(FEW)
    for key in range(2 * BATCH_SIZE):
        store.put(key, key)
    index = opened(store, tmp_path)
    assert index._clustered_size == index.size == 2 * BATCH_SIZE + 100


def test_the_same_archive_has_the_same_hits(tmp_path: Path) -> None:
    store = FakeVectorStore(FEW)
    for key, vectors in enumerate(topics(30, 50)):
        store.place(key, vectors)
    one, other = (opened(store, tmp_path / name) for name in ("one", "other"))
    assert one._ivf.nlist == 2
    assert one.search(unit(1), 50) == other.search(unit(1), 50)


def test_vectors_are_read_of_so_many_articles_at_once_and_no_more(tmp_path: Path) -> None:
    store = FakeVectorStore()
    for number in range(2 * BATCH_SIZE + 1):
        store.put(number, number)
    index = opened(store, tmp_path)
    assert sorted(store.reads) == [1, BATCH_SIZE, BATCH_SIZE]
    for number in range(2 * BATCH_SIZE + 1):
        store.put(number, number + 1)
    index.catch_up()
    assert found(index) == store.ids()
    assert max(store.reads) == BATCH_SIZE


@pytest.mark.parametrize("read", [1, 2, 3])
def test_reading_that_fails_half_way_is_made_good_by_the_next_follow(
    tmp_path: Path, store: FakeVectorStore, read: int
) -> None:
    index = opened(store, tmp_path)
    for number in range(3 * BATCH_SIZE):
        store.put(number, number)
    store.drop(0)
    store.reads.clear()
    store.fails_at_read = read
    with pytest.raises(StoreError):
        index.catch_up()
    index.save()
    for updated in (index, DenseIndex(store, DIMENSION, "model", tmp_path, store.small)):
        updated.catch_up()
        hits = updated.search(unit(0), 10_000)
        assert sorted(hit.passage_id for hit in hits) == sorted(store.ids())


def test_a_log_that_went_back_is_followed_by_building_anew(
    tmp_path: Path, store: FakeVectorStore
) -> None:
    store.put(1, 10)
    store.put(2, 11)
    index = opened(store, tmp_path)
    store.log.pop()
    del store.articles[2]
    index.catch_up()
    assert found(index) == store.ids()
