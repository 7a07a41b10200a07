from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import func, insert, select

from index.archive import Archive
from index.dedup.near_duplicates import DuplicateKind, MinHashSignature
from index.storage import lsh_bands, migrations
from index.storage.database import Database
from index.storage.lsh_bands import MAX_BAND_SIZE, MAX_CANDIDATES
from index.storage.schema import articles, copy_bands, passages
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, draft


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


def put(database: Database, signatures: dict[int, MinHashSignature]) -> None:
    """Write minimal articles with these signatures by key."""
    row = {"headline": "x", "text": "x", "date_found": "unknown", "brought": "", "embedded_by": ""}
    row |= {"added_at": "2026-02-05T09:00:00.000000Z"}
    part = {
        "start": 0,
        "end": 1,
        "words": b"",
        "vector": b"",
        "sentences": b"",
        "sentence_vectors": b"",
    }
    with database.write_transaction() as connection:
        for key, signature in signatures.items():
            connection.execute(insert(articles).values(key=key, id=str(key), changed=0, **row))
            connection.execute(insert(passages).values(article_key=key, **part))
            lsh_bands.write(connection, key, signature)


def candidate_ids(database: Database, signature: MinHashSignature) -> list[str]:
    with database.read_transaction() as connection:
        rows = lsh_bands.find_candidates(connection, signature, None, "own")
        return [row.article.id for row in rows]


def test_candidates_are_ordered_by_the_number_of_common_bands(
    database: Database,
) -> None:
    put(
        database,
        {
            1: MinHashSignature(11, [1, 2, 3]),
            2: MinHashSignature(12, [1, 2, 4]),
            3: MinHashSignature(13, [5]),
            4: MinHashSignature(14, [1]),
        },
    )
    assert candidate_ids(database, MinHashSignature(15, [1, 2, 3])) == ["1", "2", "4"]


def test_in_an_overfull_band_the_newest_are_examined_and_the_same_text_of_any_age(
    database: Database,
) -> None:
    bulletins = {
        key: MinHashSignature(1_000 + key, [1, 2, 3]) for key in range(1, MAX_BAND_SIZE + 101)
    }
    put(database, bulletins)
    newest = [str(key) for key in sorted(bulletins, reverse=True)]
    assert candidate_ids(database, MinHashSignature(9_999, [1, 2, 3])) == newest[:MAX_CANDIDATES]
    assert candidate_ids(database, MinHashSignature(1_001, [1, 2, 3]))[:2] == ["1", newest[0]]


def test_an_old_article_all_of_whose_common_bands_are_overfull_is_not_examined(
    database: Database,
) -> None:
    flood = {
        key: MinHashSignature(1_000 + key, [1 + key % 2]) for key in range(2, 2 * MAX_BAND_SIZE + 2)
    }
    put(database, {1: MinHashSignature(500, [1, 2]), **flood})
    assert "1" not in candidate_ids(database, MinHashSignature(9_999, [1, 2]))
    assert "1" in candidate_ids(database, MinHashSignature(500, [1, 2]))


def bands_by_article(archive: Archive) -> dict[int, set[int]]:
    query = select(articles.c.key, copy_bands.c.band).join_from(copy_bands, articles)
    bands: dict[int, set[int]] = {}
    with archive._store._database.read_transaction() as connection:
        for key, band in connection.execute(query):
            bands.setdefault(key, set()).add(band)
    return bands


def addresses(archive: Archive) -> dict[str, str | None]:
    with archive._store._database.read_transaction() as connection:
        return {
            row[0]: row[1] for row in connection.execute(select(articles.c.id, articles.c.address))
        }


def test_a_migrated_archive_has_the_same_signatures_as_a_new_one(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    archive = open_archive()
    archive.add(
        draft("port", f"صحيفة نوران: الأحد 11 كانون الثاني 2026\n{PORT}\nاقرأ أيضا: افتتاح السوق")
    )
    archive.add(draft("school", SCHOOL, url="http://m.noran.example/school?utm_source=x"))
    archive.add(draft("rain", RAIN))
    archive.remove("rain")
    before = bands_by_article(archive), addresses(archive)
    archive.close()
    database = Database(tmp_path / "archive")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with database.write_transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    database.close()

    reopened = open_archive()

    assert (bands_by_article(reopened), addresses(reopened)) == before
    assert len(before[0]) == 3
    assert [copy.kind for copy in reopened.find_duplicates(draft("other", PORT))] == [
        DuplicateKind.TEXT
    ]


def test_an_article_that_fails_to_be_stored_adds_no_signature(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(draft("port", PORT))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(archive._store, "_record_change", fail)
        archive.add(draft("school", SCHOOL))
    with archive._store._database.read_transaction() as connection:
        assert connection.scalar(select(func.count(copy_bands.c.article_key.distinct()))) == 1
    assert archive.find_duplicates(draft("other", SCHOOL)) == []
