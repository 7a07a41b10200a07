"""Write a safetensors file in pieces, and read its tensors by offset.

The format (https://github.com/huggingface/safetensors#format): the header's length in 8 bytes,
a JSON header with each tensor's type, shape and offsets, then the tensors in order. The
safetensors library is not used because it needs all 470 MB in memory at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]


def write_tensors(
    path: Path, shapes: Mapping[str, Shape], pieces: Iterable[NDArray[np.float32]]
) -> Iterator[tuple[int, int]]:
    """Write float32 tensors from `pieces`, which contain their values in the order of `shapes`.

    Yield (bytes written, total bytes) after every piece. The file is complete when the generator
    is exhausted.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    total = 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [total, total + size]}
        total += size
    header_bytes = json.dumps(header, separators=(",", ":")).encode()
    header_bytes += b" " * (-len(header_bytes) % 8)
    written = 0
    with path.open("wb") as file:
        file.write(len(header_bytes).to_bytes(8, "little") + header_bytes)
        for piece in pieces:
            file.write(np.ascontiguousarray(piece, "<f4").data)
            written += piece.nbytes
            yield written, total


class SafetensorsFile:
    """A memory-mapped safetensors file; float32 tensors are read by name."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            self._header: dict[str, Any] = json.loads(file.read(length))
        self._data_start = 8 + length
        self._bytes = np.memmap(path, np.uint8, "r")

    def byte_range(self, name: str) -> tuple[int, int]:
        """Return the tensor's offset in the file and its length, in bytes."""
        start, end = self._header[name]["data_offsets"]
        return self._data_start + start, end - start

    def shape(self, name: str) -> Shape:
        """Return the tensor's shape."""
        return tuple(self._header[name]["shape"])

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if self._header[name]["dtype"] != "F32":
            raise ValueError(f"{name} is {self._header[name]['dtype']}, not float32")
        offset, length = self.byte_range(name)
        values = np.asarray(self._bytes[offset : offset + length]).view("<f4")
        return values.reshape(self.shape(name))
