"""Who may read the files of an archive, and what an emptied database means."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from bot.feeds.poll_lock import polling_lock
from index.errors import StoreError
from index.search.cache_file import write_atomically
from index.storage.archive_folder import FILE_NAME
from index.storage.database import Database


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of a folder, under "", and of its files."""
    paths = {"": folder, **{path.name: path for path in folder.iterdir()}}
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in paths.items()}


def open_and_close(folder: Path) -> None:
    Database(folder).close()


posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


@posix
def test_nobody_else_reads_a_new_archive(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    umask = os.umask(0o022)
    try:
        database = Database(folder)
        with database.read_transaction(), polling_lock(folder):
            write_atomically(folder / "dense.cache", lambda file: None)
            found = modes(folder)
        database.close()
    finally:
        os.umask(umask)
    assert found.pop("") == 0o700
    assert {FILE_NAME, f"{FILE_NAME}-wal", "dense.cache", "feeds.lock"} <= set(found)
    assert set(found.values()) == {0o600}


@posix
def test_an_old_archive_is_made_private_and_other_files_stay_as_they_are(tmp_path: Path) -> None:
    open_and_close(tmp_path)
    names = (FILE_NAME, "lexical.cache", "bot-1.lock", "archive.sqlite3.bak", "notes.txt")
    for name in names:
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o755)
    open_and_close(tmp_path)
    assert modes(tmp_path) == {"": 0o700, **dict.fromkeys(names, 0o600), "notes.txt": 0o644}


@posix
def test_a_shared_folder_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    open_and_close(tmp_path)
    assert modes(tmp_path) == {"": 0o1777, FILE_NAME: 0o600}


@pytest.mark.parametrize(
    "trace",
    [
        "dense.cache",
        "feeds.lock",
        "copy.sqlite3",
        "archive.sqlite3.bak",
        "archive.sqlite3-wal",
    ],
)
def test_an_emptied_database_beside_traces_of_an_archive_is_refused(
    tmp_path: Path, trace: str
) -> None:
    (tmp_path / FILE_NAME).touch()
    (tmp_path / trace).write_bytes(b"x")
    with pytest.raises(
        StoreError, match=f"has lost its content: it has 0 bytes, beside {trace}"
    ) as found:
        Database(tmp_path)
    assert "backup" in found.value.remedy
    assert (tmp_path / FILE_NAME).stat().st_size == 0


def test_an_empty_file_alone_becomes_an_archive(tmp_path: Path) -> None:
    """A process that was killed while it created the archive leaves no more."""
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (tmp_path / name).touch()
    open_and_close(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_size > 0
