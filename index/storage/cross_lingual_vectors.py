"""Read and write the cross-lingual encoder's vectors: at most one per passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, exists, insert, select

from index.storage import row_mapping
from index.storage.schema import articles, passages, second_vectors
from index.storage.vocabulary import bind_array

_SELECT_VECTORS = select(second_vectors.c.passage_id, second_vectors.c.vector).where(
    second_vectors.c.passage_id.in_(bind_array("ids")),
    second_vectors.c.model == bindparam("model"),
)
_SELECT_SPANS = (
    select(passages.c.id, passages.c.start, passages.c.end)
    .where(passages.c.article_key == bindparam("key"))
    .order_by(passages.c.start)
)


def write(connection: Connection, model: str, vectors: Mapping[int, NDArray[np.float32]]) -> None:
    """Store vectors (e,) by passage id, replacing those of any other model."""
    rows = [
        {"passage_id": passage_id, "model": model, "vector": row_mapping.to_float16_blob(vector)}
        for passage_id, vector in vectors.items()
    ]
    if rows:
        connection.execute(insert(second_vectors).prefix_with("OR REPLACE"), rows)


def read(
    connection: Connection, model: str, passage_ids: Sequence[int]
) -> dict[int, NDArray[np.float32]]:
    """Return this model's vectors (e,) by passage id; passages without one are missing."""
    parameters = {"ids": list(passage_ids), "model": model}
    rows = connection.execute(_SELECT_VECTORS, parameters).all()
    vectors = row_mapping.decode_vectors(row.vector for row in rows)
    return {row.passage_id: vector for row, vector in zip(rows, vectors, strict=True)}


def passage_spans(connection: Connection, article_key: int) -> dict[int, tuple[int, int]]:
    """Return the start and end of each passage of an article, by passage id, in text order."""
    rows = connection.execute(_SELECT_SPANS, {"key": article_key})
    return {passage_id: (start, end) for passage_id, start, end in rows}


def article_ids_without_vectors(connection: Connection, model: str) -> list[str]:
    """Return the ids of articles, live and removed, that have a passage without such a vector."""
    has_vector = exists().where(
        second_vectors.c.passage_id == passages.c.id, second_vectors.c.model == model
    )
    lacks_vector = exists().where(passages.c.article_key == articles.c.key, ~has_vector)
    return list(
        connection.scalars(select(articles.c.id).where(lacks_vector).order_by(articles.c.key))
    )
