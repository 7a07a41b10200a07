"""Read and write the token vectors of passages: four bits a value, at most one row per passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, exists, insert, select

from index.embeddings.token_vectors import TokenVectors
from index.storage.schema import articles, passages, token_vectors
from index.storage.vocabulary import bind_array

MAX_TOKENS = 256
"""A passage of more tokens is stored with the means of neighbouring ones, so that its vectors of
128 values take at most 16 KB."""
_LEVELS = 7
"""A value is one of the integers from -7 to 7, after division by the largest of its vector."""
_CENTRE = 8
_UINT16 = np.dtype("<u2")
_SELECT = select(token_vectors.c.passage_id, token_vectors.c.vectors, token_vectors.c.spans).where(
    token_vectors.c.passage_id.in_(bind_array("ids")),
    token_vectors.c.model == bindparam("model"),
)


class PackedTokens(NamedTuple):
    """The t tokens of a stored passage."""

    packed: NDArray[np.uint8]
    """(t, k / 2): two values a byte, the first half of the vector in the low bits"""
    spans: NDArray[np.int32]
    """(t, 2): start and end of each token, from the passage's start on"""


def write(connection: Connection, model: str, vectors: Mapping[int, TokenVectors]) -> None:
    """Store the token vectors of passages by id, replacing those of any other model."""
    rows = []
    for passage_id, tokens in vectors.items():
        merged, spans = merge_neighbours(tokens)
        blob = pack(merged).tobytes()
        row = {"passage_id": passage_id, "model": model, "vectors": blob}
        rows.append(row | {"spans": spans.astype(_UINT16).tobytes()})
    if rows:
        connection.execute(insert(token_vectors).prefix_with("OR REPLACE"), rows)


def read(connection: Connection, model: str, passage_ids: Sequence[int]) -> dict[int, PackedTokens]:
    """Return this model's token vectors by passage id; passages without any are missing."""
    found = {}
    for row in connection.execute(_SELECT, {"ids": list(passage_ids), "model": model}):
        spans = np.frombuffer(row.spans, _UINT16).reshape(-1, 2).astype(np.int32)
        packed = np.frombuffer(row.vectors, np.uint8).reshape(len(spans), -1)
        found[row.passage_id] = PackedTokens(packed, spans)
    return found


def unpack(packed: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the unit vectors (t, k) of packed ones (t, k / 2)."""
    half = packed.shape[1]
    values = np.empty((len(packed), 2 * half), np.float32)
    np.bitwise_and(packed, 15, out=values[:, :half], casting="unsafe")
    np.right_shift(packed, 4, out=values[:, half:], casting="unsafe")
    values -= _CENTRE
    lengths = np.sqrt(np.einsum("tk,tk->t", values, values))
    values /= np.maximum(lengths, np.float32(1e-9))[:, None]
    return values


def article_ids_without_vectors(connection: Connection, model: str) -> list[str]:
    """Return the ids of articles, live and removed, that have a passage without such vectors."""
    has_vectors = exists().where(
        token_vectors.c.passage_id == passages.c.id, token_vectors.c.model == model
    )
    lacks_vectors = exists().where(passages.c.article_key == articles.c.key, ~has_vectors)
    query = select(articles.c.id).where(lacks_vectors).order_by(articles.c.key)
    return list(connection.scalars(query))


def pack(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return vectors (t, k), k even, with two values a byte, (t, k / 2)."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.float32(1e-9))
    # half a step up and floor: a value between two levels has the same level on every processor
    levels = np.floor(vectors / largest * np.float32(_LEVELS) + np.float32(0.5))
    nibbles = (levels + _CENTRE).astype(np.uint8)
    half = nibbles.shape[1] // 2
    return np.asarray(nibbles[:, :half] | (nibbles[:, half:] << 4), np.uint8)


def merge_neighbours(tokens: TokenVectors) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return vectors and spans of at most `MAX_TOKENS` tokens."""
    count = len(tokens.vectors)
    size = -(-count // MAX_TOKENS)
    if size <= 1:
        return tokens.vectors, tokens.spans
    starts = np.arange(0, count, size)
    ends = np.minimum(starts + size, count)
    vectors = np.add.reduceat(tokens.vectors, starts, axis=0)
    spans = np.stack([tokens.spans[starts, 0], tokens.spans[ends - 1, 1]], axis=1)
    return vectors, spans
