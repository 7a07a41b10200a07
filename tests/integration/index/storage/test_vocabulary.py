"""The vocabulary and the terms of passages in the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, func, insert, select

from index.archive import Archive
from index.errors import StoreError
from index.storage import migrations
from index.storage.article_store import ArticleStore
from index.storage.database import Database
from index.storage.records import CandidatePassage
from index.storage.schema import passages, sounds, terms, words
from index.storage.vocabulary import MAX_SIMILAR_TERMS
from index.text.phonetic import phonetic_keys
from index.text.terms import content_words, stem
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft

LONG = "\n".join(
    f"{PORT}\n{SCHOOL} {number} pupils came from Ras Tamr.\n{RAIN} Le pont {number} reste ouvert."
    for number in range(6)
)


def candidates(archive: Archive) -> list[CandidatePassage]:
    """Return all live passages of the archive, ordered by id."""
    with archive._store._database.read_transaction() as connection:
        ids = connection.scalars(select(passages.c.id)).all()
    with archive._store.snapshot() as snapshot:
        by_id = snapshot.candidates(archive.embedder.fingerprint, ids)
    return [by_id[passage_id] for passage_id in sorted(by_id)]


def words_by_id(archive: Archive) -> dict[int, str]:
    with archive._store._database.read_transaction() as connection:
        rows = connection.execute(select(words.c.id, words.c.word)).all()
    return {row.id: row.word for row in rows}


def passage_words(archive: Archive) -> list[list[list[str]]]:
    """Return for every passage the words of its context, and of each of its sentences."""
    word_by_id = words_by_id(archive)
    return [
        [
            [word_by_id[number] for number in part.tolist()]
            for part in np.split(passage.terms, np.cumsum(passage.term_counts)[:-1])
        ]
        for passage in candidates(archive)
    ]


def test_a_passages_words_are_its_titles_and_then_its_sentences(archive: Archive) -> None:
    archive.add(draft("long", LONG, title="Noran after the storm"))
    for passage, (context, *sentences) in zip(
        candidates(archive), passage_words(archive), strict=True
    ):
        assert context == ["noran", "storm"]
        assert sentences == [content_words(span.slice(LONG)) for span in passage.passage.sentences]


def test_without_a_title_the_lead_is_the_context_of_all_other_passages(archive: Archive) -> None:
    archive.add(draft("long", LONG))
    first, *others = [context for context, *_ in passage_words(archive)]
    lead = content_words(PORT.split(".")[0])
    assert first == []
    assert others
    assert all(context == lead for context in others)


def test_a_candidate_has_the_data_that_ranking_needs(archive: Archive) -> None:
    archive.add(draft("port", PORT, language="ar", published="2026-01-10T08:30:00+02:00"))
    archive.add(draft("rain", RAIN, published="2026-01-11"))
    archive.add(draft("school", SCHOOL))
    port, rain, school = candidates(archive)
    assert (port.article_id, port.language) == ("port", "ar")
    assert port.published is not None
    assert rain.published is not None
    assert port.published < rain.published
    assert school.published is None
    ids, _, vectors = archive._store.passage_vectors(
        archive.embedder.fingerprint, [passage.article_key for passage in (port, rain, school)]
    )
    assert ids.tolist() == [passage.passage_id for passage in (port, rain, school)]
    assert np.array_equal(vectors, [passage.vector for passage in (port, rain, school)])
    assert len(port.sentence_vectors) == len(port.sentences) == len(port.term_counts) - 1
    assert PORT[port.start : port.end] == PORT
    with pytest.raises(ValueError, match="read-only"):
        port.vector[0] = 0


def test_a_word_has_one_id_with_its_stem_and_its_phonetic_keys(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    before = words_by_id(archive)
    archive.add(draft("more", f"{PORT} {SCHOOL}"))
    after = words_by_id(archive)
    assert before.items() < after.items()
    with archive._store._database.read_transaction() as connection:
        stems = dict(connection.execute(select(words.c.word, words.c.stem)).all())
        keys = connection.execute(select(sounds.c.word_id, sounds.c.sound)).all()
    assert stems == {word: stem(word) for word in after.values()}
    assert {tuple(row) for row in keys} == {
        (number, key) for number, word in after.items() for key in phonetic_keys(word)
    }


def test_similar_words_are_found_by_stem_and_by_phonetic_key(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.add(draft("school", f"{SCHOOL} Salem Darwish ran the schools."))
    with archive._store.snapshot() as snapshot:
        schools = snapshot.similar_terms([stem("schools"), stem("الميناء")], []).by_stem
        darwish = snapshot.similar_terms(
            [], [*phonetic_keys("darwish"), *phonetic_keys("درويش")]
        ).by_sound
        in_arabic = snapshot.similar_terms([stem("darwish")], phonetic_keys("درويش"))
        assert snapshot.similar_terms([], []) == ({}, {})
    word_by_id = words_by_id(archive)
    assert {key: {word_by_id[number] for number in ids} for key, ids in schools.items()} == {
        stem("schools"): {"school", "schools"},
        stem("الميناء"): {"الميناء", "ميناء"},
    }
    assert {key: [word_by_id[number] for number in ids] for key, ids in darwish.items()} == {
        "DRX": ["الدرويش"],
        "drx": ["darwish"],
    }
    assert (set(in_arabic.by_stem), set(in_arabic.by_sound)) == ({stem("darwish")}, {"DRX"})


def test_of_too_many_similar_words_the_first_stored_are_returned(archive: Archive) -> None:
    with archive._store._database.write_transaction() as connection:
        many = [{"word": f"x{n}", "stem": "x"} for n in range(MAX_SIMILAR_TERMS + 9)]
        connection.execute(insert(words), many)
    with archive._store.snapshot() as snapshot:
        ids = snapshot.similar_terms(["x"], []).by_stem["x"]
    word_by_id = words_by_id(archive)
    assert [word_by_id[number] for number in ids] == [f"x{n}" for n in range(MAX_SIMILAR_TERMS)]


def read_terms(archive: Archive, keys: list[int] | None = None) -> list[int]:
    return [key for batch in archive._store.passage_terms(keys) for key in batch.article_keys]


def test_the_words_of_live_passages_are_read_in_the_order_of_their_ids(archive: Archive) -> None:
    archive.add(draft("long", LONG, title="Noran"))
    archive.add(draft("rain", RAIN))
    (batch,) = archive._store.passage_terms()
    live = candidates(archive)
    assert batch.passage_ids.tolist() == [passage.passage_id for passage in live]
    assert batch.sizes.tolist() == [len(passage.terms) for passage in live]
    assert batch.lengths.tolist() == [int(passage.term_counts[1:].sum()) for passage in live]
    assert batch.terms.tolist() == [number for passage in live for number in passage.terms]


def test_a_removed_articles_words_stay_stored_but_are_not_read(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.add(draft("rain", RAIN))
    archive.remove("port")
    assert read_terms(archive) == [2]
    assert read_terms(archive, [1]) == []
    archive.restore("port")
    assert read_terms(archive) == [1, 2]
    assert read_terms(archive, [1]) == [1]


def test_a_replaced_articles_words_are_replaced(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.add(draft("port", RAIN))
    with archive._store._database.read_transaction() as connection:
        rows = connection.scalar(select(func.count()).select_from(terms))
    assert rows == 1
    assert passage_words(archive)[0][1] == content_words(RAIN.split(".")[0])


def test_an_article_that_fails_to_be_stored_adds_no_words(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", "Free some space")

    monkeypatch.setattr(ArticleStore, "_record_change", fail)
    with pytest.raises(StoreError):
        archive.add(draft("port", PORT))
    assert words_by_id(archive) == {}


def downgrade(folder: Path, revision: str) -> None:
    """Downgrade an archive's database to an earlier migration."""
    database = Database(folder)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with database.write_transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    database.close()


def phonetic_keys_by_word(archive: Archive) -> set[tuple[str, str]]:
    with archive._store._database.read_transaction() as connection:
        rows = connection.execute(select(words.c.word, sounds.c.sound).join_from(words, sounds))
        return {tuple(row) for row in rows}


def test_migrated_phonetic_keys_equal_those_of_a_new_archive(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    archive = open_archive()
    archive.add(draft("long", LONG))
    before = phonetic_keys_by_word(archive)
    archive.close()
    downgrade(tmp_path / "archive", "0003")
    with sqlite3.connect(tmp_path / "archive" / "archive.sqlite3") as connection:
        old = {sound for (sound,) in connection.execute("SELECT sound FROM sounds")}
    connection.close()
    assert old == {sound.lower() for _, sound in before} != {sound for _, sound in before}
    assert phonetic_keys_by_word(open_archive()) == before


def test_a_migrated_archive_has_the_same_words_as_a_new_one(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    archive = open_archive()
    archive.add(draft("long", LONG))
    archive.add(draft("titled", f"صحيفة نوران: الأحد 11 كانون الثاني 2026\n{PORT}", title="ميناء"))
    archive.add(draft("dashed", f"-----\n{RAIN}\n{LONG}\nRead also:\nA new bridge"))
    archive.add(draft("one", "Rain"))
    archive.add(draft("gone", SCHOOL))
    archive.remove("gone")
    before = passage_words(archive)
    archive.close()

    downgrade(tmp_path / "archive", "0002")

    reopened = open_archive()
    assert passage_words(reopened) == before
    reopened.restore("gone")
    assert len(passage_words(reopened)) == len(before) + 1


def test_passages_are_read_by_id_without_a_scan_of_all_articles(archive: Archive) -> None:
    engine = archive._store._database._engine
    executed: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _record(*call: Any) -> None:
        if call[2] != "BEGIN":
            executed.append((call[2], call[3]))

    with archive._store.snapshot() as snapshot:
        snapshot.candidates("model", range(60))
        snapshot.articles_by_passage(range(60))
    event.remove(engine, "before_cursor_execute", _record)
    assert len(executed) == 2
    with archive._store._database.read_transaction() as connection:
        for statement, parameters in executed:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert plan[0].detail.startswith(("SEARCH passages", "SEARCH terms"))
            assert not any("ix_articles_live" in step.detail for step in plan)
