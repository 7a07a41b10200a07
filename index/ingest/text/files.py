"""A text file, or text on standard input, becomes a draft."""

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
"""The most bytes of one text file: several hundred times a long article."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def load_draft(path: Path, *, root: Path | None = None, **fields: Any) -> Draft:
    """Return the article in a text file; `fields` are what the caller knows of it beside the text.

    Raises `InvalidInputError`, which names the file.
    """
    text = decode_text(read_file(path), str(path))
    return _build_draft(text, str(path), file_id(path, root), fields)


def read_file(path: Path) -> bytes:
    """Return what a file holds. Raises `InvalidInputError`, which names the file."""
    try:
        if path.is_dir():
            raise InvalidInputError(f"{path} is a folder", "Name the files in it")
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)  # a device or a pipe has no size, and no end
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
    """Return what a stream holds. Raises `InvalidInputError` where that is too much."""
    raw = stream.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise _too_large_error(name, len(raw))
    return raw


def file_id(path: Path, root: Path | None = None) -> str:
    """Make an article's id of its file's name and place (below `root`, where one is given).

    The same file, edited, is the same article.
    """
    location = path.resolve().relative_to(root.resolve()) if root else path.resolve()
    stem = path.stem[:60].encode(errors="replace").decode()
    return f"{stem}-{_short_hash(os.fsencode(location.as_posix()))}"


def decode_text(raw: bytes, name: str) -> str:
    """Return the text in `raw`: UTF-8, or UTF-16 with its mark. Line ends become newlines.

    Raises `InvalidInputError` for what is no text.
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
