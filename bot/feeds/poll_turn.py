"""The lock that lets one process at a time poll the feeds of an archive."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock


def polling_lock(folder: Path) -> FileLock:
    """Return the lock that a process must hold to poll the feeds of the archive in `folder`."""
    return FileLock(folder / "feeds.lock")
