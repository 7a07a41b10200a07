"""A file that keeps what can be made again from the database, so that a start need not make it.

It is never believed further than it can be checked: a digest covers all of it, and its label names
the archive, what it was made with, and the change that it has seen last.
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

logger = logging.getLogger(__name__)

_DIGEST_LINE_LENGTH = 65
_MAX_LABEL_LENGTH = 4_096
_ALIGNMENT = 64
"""The label and every part are filled up to a multiple of this: numbers are read in place."""


class ChangeLog(Protocol):
    """Whose changes are numbered: the store."""

    store_id: str

    def change_timestamp(self, seq: int) -> str | None:
        """Return what tells change `seq` from another that had its number."""


class CacheFile:
    """One such file. Its parts are arrays of numbers, and the same bytes when they are read."""

    def __init__(self, path: Path, change_log: ChangeLog, **made_with: str | int) -> None:
        """Name the file, and what it is to fit beside the archive, such as its format."""
        self._path = path
        self._change_log = change_log
        self._label: dict[str, Any] = {"store": change_log.store_id, **made_with}

    def read(self) -> tuple[int, list[NDArray[np.uint8]]] | None:
        """Return the last change the file has seen, and its parts; None where it does not fit.

        Parts can be viewed as the numbers they were (`part.view(np.int32)`).
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
            logger.warning("The search cache cannot be read (%s); built again.", error.strerror)
            return None
        if not is_complete or digest != _digest_line(content.data):
            logger.warning("The search cache %s is damaged; built again.", self._path)
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
        """Put the file in the place of an older one; say whether that was possible."""
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
    """Fill a new file and put it in the place of the one at `path`; say whether that was possible.

    A file that cannot be written costs time at the next start, and nothing else.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        for leftover in path.parent.glob(f"{path.name}.*"):
            leftover.unlink(missing_ok=True)
        with partial.open("wb") as file:
            fill(file)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        logger.warning("The search cache was not saved (%s); it is made again.", error.strerror)
        return False
    return True


def _digest_line(*content: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest().encode() + b"\n"
