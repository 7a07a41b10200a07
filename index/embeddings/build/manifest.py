"""Write and check the manifest of a prepared folder: its files with their sizes and SHA-256."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from index.errors import ModelError

MANIFEST = "manifest.json"

_FORMAT_VERSION = 3
"""Increase it when the prepared files change: folders of older versions are then rebuilt."""
_MAX_QUICK_CHECK_BYTES = 1 << 20
"""Files up to this size are hashed at every start."""


def write_manifest(folder: Path) -> None:
    """Write the manifest of all files in `folder`, last: it marks the folder as complete."""
    files = {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps({"recipe": _FORMAT_VERSION, "files": files}, indent=2)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def find_fault(folder: Path, *, thorough: bool = False) -> str | None:
    """Return a description of what is wrong with a prepared folder, or None.

    Compares the sizes of all files, and the hashes of small files or, if `thorough`, of all files.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        if content["recipe"] != _FORMAT_VERSION:
            return "it was prepared by another version"
        files: dict[str, Any] = content["files"]
        for name, expected in files.items():
            path = folder / name
            size = path.stat().st_size
            if size != expected["size"]:
                return f"{name} has {size} bytes instead of {expected['size']}"
            if (thorough or size <= _MAX_QUICK_CHECK_BYTES) and sha256(path) != expected["sha256"]:
                return f"{name} was altered"
    except FileNotFoundError as error:
        return f"{Path(error.filename).relative_to(folder)} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{MANIFEST} cannot be used ({error})"
    return None


def read_weights_digest(folder: Path) -> str:
    """Return the SHA-256 of a complete folder's weights, from its manifest."""
    content = json.loads((folder / MANIFEST).read_text("utf-8"))
    return str(content["files"]["model.safetensors"]["sha256"])


def verify(folder: Path) -> None:
    """Hash every file; raise `ModelError` naming the first that differs. Takes some seconds."""
    fault = find_fault(folder, thorough=True)
    if fault:
        raise ModelError(
            f"The prepared model is damaged: {fault}",
            f"Delete the folder {folder}; the next start prepares it again",
        )


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
