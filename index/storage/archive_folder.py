"""Keep the folder of an archive private to its user, and recognise what is left of an archive."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from index.errors import StoreError

FILE_NAME = "archive.sqlite3"
PRIVATE_FILE_MODE = 0o600
"""The mode of new files in the folder: only the user who runs the program reads them."""
_PRIVATE_FOLDER_MODE = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PRIVATE_FILES = ("*.sqlite3*", "*.cache*", "*.lock")
_TRACES = ("*.cache", "*.lock", "*.sqlite3*", "*.bak")
"""Files that show that there was an archive: caches, locks, backups, the write-ahead log."""


def prepare_folder(folder: Path) -> None:
    """Create the folder and the file of the database, or make those that exist private.

    A folder with the sticky bit, such as /tmp, is shared with other programs and keeps its mode;
    so does what belongs to another user. Raises `StoreError` if the folder cannot be created, or
    if the database has lost its content.
    """
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the archive's folder {folder}: {error.strerror}",
            "Name a folder that this user may write to in BRIEFING_DATA_DIR",
        ) from None
    database = folder / FILE_NAME
    _require_content(database)
    # O_EXCL: closing a file that exists would release the locks of this process's connections.
    with suppress(OSError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE_MODE))
    if not folder.stat().st_mode & stat.S_ISVTX:
        _make_private(folder, _PRIVATE_FOLDER_MODE)
    for pattern in _PRIVATE_FILES:
        for path in folder.glob(pattern):
            _make_private(path, PRIVATE_FILE_MODE)


def _make_private(path: Path, mode: int) -> None:
    """Set the mode of a file or folder that others may use."""
    with suppress(OSError):  # it belongs to another user, or is gone
        if path.stat().st_mode & _OTHERS:
            path.chmod(mode)


def _require_content(database: Path) -> None:
    """Raise `StoreError` if the database is empty, and its folder shows that it was not."""
    try:
        if database.stat().st_size > 0:
            return
    except OSError:  # none yet, or an unreadable one, which opening it reports
        return
    traces = sorted(
        path.name
        for pattern in _TRACES
        for path in database.parent.glob(pattern)
        if path != database and not _is_journal_of_new_database(path)
    )
    if traces:
        raise StoreError(
            f"the database {database} has lost its content: it has 0 bytes, beside {traces[0]}",
            "Restore it from a backup, or move it away to begin with an empty archive",
        )


def _is_journal_of_new_database(path: Path) -> bool:
    """Return whether a file is one that SQLite makes beside a database that it creates."""
    return path.name.endswith(("-shm", "-journal")) or (
        path.name.endswith("-wal") and path.stat().st_size == 0
    )
