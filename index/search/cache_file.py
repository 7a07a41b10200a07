"""A cache file of arrays that can be rebuilt from the database, to make starts faster.

The file is verified before use: a SHA-256 covers all of it, and its label names the archive, what
the content was built with, and the last change that it includes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from index.storage.archive_folder import PRIVATE_FILE_MODE

logger = logging.getLogger(__name__)

_DIGEST_LINE_LENGTH = 65
_MAX_LABEL_LENGTH = 4_096
_ALIGNMENT = 64
"""The label and every part are padded to a multiple of this many bytes, for aligned views."""


class ChangeLog(Protocol):
    """The store, as a numbered log of changes."""

    store_id: str

    def change_timestamp(self, seq: int) -> str | None:
        """Return the time of change `seq`, which tells it from one that had its number earlier.

        Numbers repeat when a backup is restored. None if there is no such change.
        """


class CacheFile:
    """A cache file whose parts are arrays; parts are read back as the same bytes."""

    def __init__(self, path: Path, change_log: ChangeLog, **label_fields: str | int) -> None:
        """Set the path and the label fields that must match, such as the format version."""
        self._path = path
        self._change_log = change_log
        self._label: dict[str, Any] = {"store": change_log.store_id, **label_fields}

    def read(self) -> tuple[int, list[NDArray[np.uint8]]] | None:
        """Return the last change that the file includes, and its parts; None if it is not usable.

        Parts are bytes: view them with their original dtype (`part.view(np.int32)`).
        """
        try:
            with self._path.open("rb") as file:
                digest = file.read(_DIGEST_LINE_LENGTH)
                size = os.fstat(file.fileno()).st_size - len(digest)
                content = np.empty(size, np.uint8)
                is_complete = file.readinto(content.data) == size
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("Cannot read the search cache (%s); rebuilding it.", error.strerror)
            return None
        if not is_complete or digest != _digest_line(content.data):
            logger.warning("The search cache %s is damaged; rebuilding it.", self._path)
            return None
        return self._parse_content(content)

    def _parse_content(
        self, content: NDArray[np.uint8]
    ) -> tuple[int, list[NDArray[np.uint8]]] | None:
        line = content[:_MAX_LABEL_LENGTH].tobytes().partition(b"\n")[0]
        label = json.loads(line)
        is_matching = all(label.get(name) == value for name, value in self._label.items())
        if not is_matching or label["stamp"] != self._change_log.change_timestamp(label["seq"]):
            return None
        parts, offset = [], len(line) + 1
        for size in label["parts"]:
            parts.append(content[offset : offset + size])
            offset += size + -size % _ALIGNMENT
        return label["seq"], parts

    def write(self, seq: int, parts: Sequence[NDArray[Any]]) -> bool:
        """Replace the file atomically; return whether that succeeded."""
        pieces = [np.ascontiguousarray(part).reshape(-1).view(np.uint8) for part in parts]
        label = {
            **self._label,
            "seq": seq,
            "stamp": self._change_log.change_timestamp(seq),
            "parts": [piece.size for piece in pieces],
        }
        line = json.dumps(label).encode()
        content: list[bytes | memoryview] = [line + b" " * (-(len(line) + 1) % _ALIGNMENT) + b"\n"]
        for piece in pieces:
            content += [piece.data, bytes(-piece.size % _ALIGNMENT)]

        def fill(file: BinaryIO) -> None:
            file.write(_digest_line(*content))
            file.writelines(content)

        return write_atomically(self._path, fill)


def write_atomically(path: Path, fill: Callable[[BinaryIO], None]) -> bool:
    """Write a new file with `fill` and move it to `path`; return whether that succeeded.

    A failure is logged, not raised: a missing cache only makes the next start slower.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        for leftover in path.parent.glob(f"{path.name}.*"):
            leftover.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        logger.warning(
            "The search cache was not saved (%s); the next start rebuilds it.", error.strerror
        )
        return False
    return True


def _digest_line(*content: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest().encode() + b"\n"
