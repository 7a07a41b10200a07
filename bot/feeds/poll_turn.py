"""Whose turn it is to poll: of all processes over one archive, one at a time asks the sites."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock


def polling_lock(folder: Path) -> FileLock:
    """Return the lock that whoever polls the feeds of the archive in `folder` has to hold."""
    return FileLock(folder / "feeds.lock")
