"""The words of passages in the database."""

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
from tests.fixtures.town import PORT, RAIN, SCHOOL, OpenArchive, draft

LONG = "\n".join(
    f"{PORT}\n{SCHOOL} {number} pupils came from Ras Tamr.\n{RAIN} Le pont {number} reste ouvert."
    for number in range(6)
)


def candidates(archive: Archive) -> list[CandidatePassage]:
    """Every passage of the archive that can be found, in order."""
    with archive._store._database.read_transaction() as connection:
        ids = connection.scalars(select(passages.c.id)).all()
    with archive._store.snapshot() as moment:
        found = moment.candidates(archive.embedder.fingerprint, ids)
    return [found[each] for each in sorted(found)]


def spelled(archive: Archive) -> dict[int, str]:
    with archive._store._database.read_transaction() as connection:
        rows = connection.execute(select(words.c.id, words.c.word)).all()
    return {row.id: row.word for row in rows}


def said(archive: Archive) -> list[list[list[str]]]:
    """Of every passage: the words of its context, and of each of its sentences."""
    word_of = spelled(archive)
    return [
        [
            [word_of[number] for number in part.tolist()]
            for part in np.split(each.terms, np.cumsum(each.term_counts)[:-1])
        ]
        for each in candidates(archive)
    ]


def test_a_passages_words_are_its_titles_and_then_its_sentences(archive: Archive) -> None:
    archive.add(draft("long", LONG, title="Noran after the storm"))
    for each, (context, *sentences) in zip(candidates(archive), said(archive), strict=True):
        assert context == ["noran", "storm"]
        assert sentences == [content_words(span.slice(LONG)) for span in each.passage.sentences]


def test_without_a_title_the_lead_is_said_before_all_passages_but_itself(archive: Archive) -> None:
    archive.add(draft("long", LONG))
    first, *others = [context for context, *_ in said(archive)]
    lead = content_words(PORT.split(".")[0])
    assert first == []
    assert others
    assert all(context == lead for context in others)


def test_a_candidate_has_what_ranking_needs(archive: Archive) -> None:
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
        archive.embedder.fingerprint, [each.article_key for each in (port, rain, school)]
    )
    assert ids.tolist() == [each.passage_id for each in (port, rain, school)]
    assert np.array_equal(vectors, [each.vector for each in (port, rain, school)])
    assert len(port.sentence_vectors) == len(port.sentences) == len(port.term_counts) - 1
    assert PORT[port.start : port.end] == PORT
    with pytest.raises(ValueError, match="read-only"):
        port.vector[0] = 0


def test_a_word_has_one_number_with_its_stem_and_its_sounds(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    before = spelled(archive)
    archive.add(draft("more", f"{PORT} {SCHOOL}"))
    after = spelled(archive)
    assert before.items() < after.items()
    with archive._store._database.read_transaction() as connection:
        stems = dict(connection.execute(select(words.c.word, words.c.stem)).all())
        keys = connection.execute(select(sounds.c.word_id, sounds.c.sound)).all()
    assert stems == {word: stem(word) for word in after.values()}
    assert {tuple(row) for row in keys} == {
        (number, key) for number, word in after.items() for key in phonetic_keys(word)
    }


def test_words_alike_are_found_by_stem_and_by_sound(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.add(draft("school", f"{SCHOOL} Salem Darwish ran the schools."))
    with archive._store.snapshot() as moment:
        schools = moment.similar_terms([stem("schools"), stem("الميناء")], []).by_stem
        darwish = moment.similar_terms(
            [], [*phonetic_keys("darwish"), *phonetic_keys("درويش")]
        ).by_sound
        in_arabic = moment.similar_terms([stem("darwish")], phonetic_keys("درويش"))
        assert moment.similar_terms([], []) == ({}, {})
    word_of = spelled(archive)
    assert {key: {word_of[number] for number in ids} for key, ids in schools.items()} == {
        stem("schools"): {"school", "schools"},
        stem("الميناء"): {"الميناء", "ميناء"},
    }
    assert {key: [word_of[number] for number in ids] for key, ids in darwish.items()} == {
        "DRX": ["الدرويش"],
        "drx": ["darwish"],
    }
    assert (set(in_arabic.by_stem), set(in_arabic.by_sound)) == ({stem("darwish")}, {"DRX"})


def test_of_very_many_words_alike_those_known_longest_are_given(archive: Archive) -> None:
    with archive._store._database.write_transaction() as connection:
        many = [{"word": f"x{n}", "stem": "x"} for n in range(MAX_SIMILAR_TERMS + 9)]
        connection.execute(insert(words), many)
    with archive._store.snapshot() as moment:
        found = moment.similar_terms(["x"], []).by_stem["x"]
    word_of = spelled(archive)
    assert [word_of[number] for number in found] == [f"x{n}" for n in range(MAX_SIMILAR_TERMS)]


def read_terms(archive: Archive, keys: list[int] | None = None) -> list[int]:
    return [key for batch in archive._store.passage_terms(keys) for key in batch.article_keys]


def test_the_words_of_live_passages_are_read_in_the_order_of_their_ids(archive: Archive) -> None:
    archive.add(draft("long", LONG, title="Noran"))
    archive.add(draft("rain", RAIN))
    (batch,) = archive._store.passage_terms()
    there = candidates(archive)
    assert batch.passage_ids.tolist() == [each.passage_id for each in there]
    assert batch.sizes.tolist() == [len(each.terms) for each in there]
    assert batch.lengths.tolist() == [int(each.term_counts[1:].sum()) for each in there]
    assert batch.terms.tolist() == [number for each in there for number in each.terms]


def test_a_removed_articles_words_are_kept_and_not_read(archive: Archive) -> None:
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
    assert said(archive)[0][1] == content_words(RAIN.split(".")[0])


def test_an_article_that_is_not_stored_leaves_no_words(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", "Free some space")

    monkeypatch.setattr(ArticleStore, "_record_change", fail)
    with pytest.raises(StoreError):
        archive.add(draft("port", PORT))
    assert spelled(archive) == {}


def go_back(folder: Path, revision: str) -> None:
    """Bring an archive's database to what it was at an earlier migration."""
    database = Database(folder)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with database.write_transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    database.close()


def heard_in(archive: Archive) -> set[tuple[str, str]]:
    with archive._store._database.read_transaction() as connection:
        rows = connection.execute(select(words.c.word, sounds.c.sound).join_from(words, sounds))
        return {tuple(row) for row in rows}


def test_sounds_from_before_they_told_scripts_apart_are_those_of_a_new_archive(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    archive = open_archive()
    archive.add(draft("long", LONG))
    before = heard_in(archive)
    archive.close()
    go_back(tmp_path / "archive", "0003")
    with sqlite3.connect(tmp_path / "archive" / "archive.sqlite3") as connection:
        old = {sound for (sound,) in connection.execute("SELECT sound FROM sounds")}
    connection.close()
    assert old == {sound.lower() for _, sound in before} != {sound for _, sound in before}
    assert heard_in(open_archive()) == before


def test_an_archive_from_before_has_the_same_words_as_a_new_one(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    archive = open_archive()
    archive.add(draft("long", LONG))
    archive.add(draft("titled", f"صحيفة نوران: الأحد 11 كانون الثاني 2026\n{PORT}", title="ميناء"))
    archive.add(draft("dashed", f"-----\n{RAIN}\n{LONG}\nRead also:\nA new bridge"))
    archive.add(draft("one", "Rain"))
    archive.add(draft("gone", SCHOOL))
    archive.remove("gone")
    before = said(archive)
    archive.close()

    go_back(tmp_path / "archive", "0002")

    again = open_archive()
    assert said(again) == before
    again.restore("gone")
    assert len(said(again)) == len(before) + 1


def test_passages_that_are_named_are_read_without_a_look_at_all_articles(archive: Archive) -> None:
    engine = archive._store._database._engine
    run: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _note(*call: Any) -> None:
        if call[2] != "BEGIN":
            run.append((call[2], call[3]))

    with archive._store.snapshot() as moment:
        moment.candidates("model", range(60))
        moment.articles_by_passage(range(60))
    event.remove(engine, "before_cursor_execute", _note)
    assert len(run) == 2
    with archive._store._database.read_transaction() as connection:
        for statement, given in run:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            assert plan[0].detail.startswith(("SEARCH passages", "SEARCH terms"))
            assert not any("ix_articles_live" in step.detail for step in plan)
