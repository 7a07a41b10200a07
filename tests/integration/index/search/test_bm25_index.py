"""Lexical search: BM25 scores, and the word forms that match."""

from __future__ import annotations

from itertools import chain
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.search.bm25_index import IDF_EXTRA_PASSAGES, Bm25Index, QueryTerm
from index.text.terms import content_words, stem_variants
from tests.fakes.term_store import FakeTermStore, Words, together, word
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft


def bm25(passages: dict[int, Words], sought: list[list[int]]) -> list[tuple[int, float]]:
    """Score the passages with Robertson's formula, in plain Python."""
    average = sum(len(own) for _, own in passages.values()) / len(passages)
    scores = dict.fromkeys(passages, 0.0)
    for group in sought:
        tf = {p: sum((*c, *own).count(w) for w in group) for p, (c, own) in passages.items()}
        n = sum(map(bool, tf.values()))
        for p, (_, own) in passages.items():
            scores[p] += (
                log(1 + (len(passages) + IDF_EXTRA_PASSAGES - n + 0.5) / (n + 0.5))
                * tf[p]
                / (tf[p] + 1.2 * (1 - 0.75 + 0.75 * len(own) / average))
            )
    return sorted(((p, s) for p, s in scores.items() if s), key=lambda hit: (-hit[1], hit[0]))


PASSAGE = st.tuples(
    st.lists(st.integers(1, 8), max_size=3), st.lists(st.integers(1, 8), min_size=1, max_size=12)
)


@given(
    passages=st.lists(PASSAGE, min_size=1, max_size=12),
    sought=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True), max_size=5),
)
def test_scores_are_those_of_robertsons_formula(
    tmp_path_factory: pytest.TempPathFactory, passages: list[Words], sought: list[list[int]]
) -> None:
    store = FakeTermStore()
    for key, (context, own) in enumerate(passages):
        store.put(key, own, context=context)
    index = Bm25Index(store, tmp_path_factory.mktemp("lexical"))
    found = dict(index.search([word(*group) for group in sought], 100).hits)
    expected = dict(bm25(store.passages(), sought))
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_best_come_first_and_of_equal_ones_the_older(tmp_path: Path) -> None:
    store = FakeTermStore()
    for key in range(30):
        store.put(key, [1, 2, 3])
    store.put(30, [1, 1, 3])
    hits = Bm25Index(store, tmp_path).search([word(1)], 4).hits
    assert [passage for passage, _ in hits] == [31, 1, 2, 3]


def test_several_words_together_count_once_and_only_where_all_are(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1, 1, 4, 4], [1, 1, 5], [4, 5, 5], [5, 5, 5])
    index = Bm25Index(store, tmp_path)
    ((passage, score),) = index.search([together(1, 4)], 9).hits
    rarity = log(1 + (IDF_EXTRA_PASSAGES + 3.5) / 1.5)
    assert (passage, round(score, 4)) == (
        1,
        round(rarity / (1 + 1.2 * (0.25 + 0.75 * 4 / 3.25)), 4),
    )
    either = QueryTerm((together(1, 4).spellings[0], word(5).spellings[0]))
    assert {hit for hit, _ in index.search([either], 9).hits} == {1, 2, 3, 4}


def test_the_rarer_word_says_more_and_an_unknown_one_most(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1, 2], [1, 3], [1, 4])
    found = Bm25Index(store, tmp_path).search([word(1), word(2), word(99)], 9)
    assert found.idf == pytest.approx(
        [
            log(1 + (IDF_EXTRA_PASSAGES + left) / containing)
            for left, containing in ((0.5, 3.5), (2.5, 1.5), (3.5, 0.5))
        ]
    )


def test_a_search_among_some_passages_finds_no_others_and_as_rare_words(tmp_path: Path) -> None:
    store = FakeTermStore()
    store.put(1, [1], [1], [2])
    index = Bm25Index(store, tmp_path)
    some = index.search([word(1)], 9, np.array([2, 3], np.int64))
    assert [passage for passage, _ in some.hits] == [2]
    assert some.idf == index.search([word(1)], 9).idf
    assert index.search([word(1)], 9, np.array([], np.int64)).hits == []


def test_an_empty_archive_has_no_hits(tmp_path: Path) -> None:
    index = Bm25Index(FakeTermStore(), tmp_path)
    assert index.search([word(1)], 5).hits == []
    assert index.search([], 5).hits == []
    assert index.size == 0


def test_a_word_that_stands_in_a_passage_more_often_than_a_byte_can_say_is_found(
    tmp_path: Path,
) -> None:
    store = FakeTermStore()
    store.put(1, [1] * 256, [1])
    hits = Bm25Index(store, tmp_path).search([word(1)], 2).hits
    assert [passage for passage, _ in hits] == [1, 2]


def found_by(archive: Archive, index: Bm25Index, asked: str) -> list[str]:
    """Return the ids of the articles that contain any word of a question, best first."""
    with archive._store.snapshot() as snapshot:
        similar = [snapshot.similar_terms(stem_variants(w), []) for w in content_words(asked)]
        forms = [sorted(chain.from_iterable(terms.by_stem.values())) for terms in similar]
        terms = [word(*ids) for ids in forms if ids]
        passage_ids = [passage_id for passage_id, _ in index.search(terms, 9).hits]
        candidates = snapshot.candidates(archive.embedder.fingerprint, passage_ids)
    return [candidates[passage_id].article_id for passage_id in passage_ids]


@pytest.mark.parametrize(
    "asked", ["الميناء", "بميناء", "للميناء", "المِيـــنَاءُ", "ﺍﻟﻤﻴﻨﺎﺀ", "متى يعود الميناء؟"]
)
def test_an_arabic_word_is_found_however_it_is_written(
    archive: Archive, tmp_path: Path, asked: str
) -> None:
    for article_id, text in (("port", PORT), ("school", SCHOOL), ("rain", RAIN)):
        archive.add(draft(article_id, text))
    assert found_by(archive, Bm25Index(archive._store, tmp_path), asked) == ["port"]


def test_every_process_sees_what_another_added_edited_removed_and_restored(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    here, there = open_archive(), open_archive()
    index = Bm25Index(here._store, tmp_path)
    seen = []
    for act in (
        lambda: there.add(draft("a", SCHOOL)),
        lambda: there.edit("a", text=RAIN),
        lambda: there.remove("a"),
        lambda: there.restore("a"),
    ):
        act()
        index.catch_up()
        seen.append((found_by(here, index, "school"), found_by(here, index, "pluies")))
    assert seen == [(["a"], []), ([], ["a"]), ([], []), ([], ["a"])]
