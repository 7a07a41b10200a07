"""Load drafts from text files and streams."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from index.errors import InvalidInputError, format_validation_error
from index.models import Draft

MAX_FILE_BYTES = 10_000_000
"""Maximum size of a text file: several hundred times that of a long article."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def load_draft(path: Path, *, root: Path | None = None, **fields: Any) -> Draft:
    """Return the draft in a text file; `fields` are its other fields, which the caller knows.

    Raises `InvalidInputError`, which names the file, if it cannot be read or is no article.
    """
    text = decode_text(read_file(path), str(path))
    return _build_draft(text, str(path), file_id(path, root), fields)


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises `InvalidInputError`, which names the file, if it cannot be read or is too large.
    """
    try:
        if path.is_dir():
            raise InvalidInputError(f"{path} is a folder", "Name the files in it")
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)  # a device or a pipe has no size and no end
            size = max(len(raw), os.fstat(file.fileno()).st_size)
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or error}",
            "Check the name and your rights to it",
        ) from None
    if len(raw) > MAX_FILE_BYTES:
        raise _too_large_error(str(path), size)
    return raw


def read_stream(stream: IO[bytes], name: str = "standard input") -> bytes:
    """Return the content of a stream. Raises `InvalidInputError` if it is too large."""
    raw = stream.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise _too_large_error(name, len(raw))
    return raw


def file_id(path: Path, root: Path | None = None) -> str:
    """Return an article id made of its file's name and a hash of its path (relative to `root`).

    It does not depend on the content, so an edited file remains the same article.
    """
    location = path.resolve().relative_to(root.resolve()) if root else path.resolve()
    stem = path.stem[:60].encode(errors="replace").decode()
    return f"{stem}-{_short_hash(os.fsencode(location.as_posix()))}"


def decode_text(raw: bytes, name: str) -> str:
    """Decode `raw`, which is UTF-8, or UTF-16 with a byte order mark, and normalise line ends.

    Raises `InvalidInputError`, with `name`, if it is not plain text or has no words.
    """
    has_byte_order_mark = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = raw.decode("utf-16" if has_byte_order_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"{name} is not text in UTF-8 (byte {error.start:,} does not fit)",
            "Save it as plain text in UTF-8 and add it again",
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise InvalidInputError(f"{name} is not plain text", "Save it as plain text in UTF-8")
    if not any(char.isalnum() for char in text):
        raise InvalidInputError(
            f"{name} is empty" if not text.strip() else f"{name} has no words in it",
            "Put the article's text into it",
        )
    return text


def _too_large_error(name: str, size: int) -> InvalidInputError:
    return InvalidInputError(
        f"{name} has {size / 1e6:.1f} MB, and {MAX_FILE_BYTES / 1e6:.0f} MB is the most",
        "Cut it into articles, or use `briefing import` for many at once",
    )


def _build_draft(text: str, name: str, article_id: str, fields: dict[str, Any]) -> Draft:
    try:
        return Draft.model_validate({"id": article_id, "text": text, **fields})
    except ValidationError as error:
        raise InvalidInputError(
            f"{name} cannot be added: {format_validation_error(error)}"
        ) from None


def _short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
