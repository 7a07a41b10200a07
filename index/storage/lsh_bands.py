"""Find duplicate candidates by canonical URL and by the LSH bands of MinHash signatures.

A signature covers the words from the start of the first passage to the end of the last one, and is
written with the passages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from index.dedup.near_duplicates import MinHashSignature
from index.models import Article
from index.storage import row_mapping
from index.storage.schema import articles, copy_bands, passages
from index.storage.snapshot import IS_LIVE
from index.storage.vocabulary import bind_array
from index.text.spans import Span

MAX_BAND_SIZE = 100
"""Articles examined per band, the last added first: this bounds the cost of a bulletin that repeats
the same words every day, and a copy usually arrives soon after its original."""
MAX_CANDIDATES = 30
"""Candidates returned by URL, and again by bands."""


class DuplicateRow(NamedTuple):
    """An article that may be a duplicate of a draft."""

    article: Article
    body: Span
    """From the start of its first passage to the end of its last one, in code points."""
    same_address: bool
    """Whether its canonical URL is the draft's."""


_QUERY_BANDS = select(
    func.json_each(bindparam("bands", type_=JSON)).table_valued("value").c.value.label("band")
).cte("query_bands")
_OTHER_BANDS = copy_bands.alias("other_bands")
_MIN_ARTICLE_KEY = (
    select(_OTHER_BANDS.c.article_key)
    .where(_OTHER_BANDS.c.band == _QUERY_BANDS.c.band)
    .order_by(_OTHER_BANDS.c.article_key.desc())
    .limit(1)
    .offset(MAX_BAND_SIZE - 1)
    .scalar_subquery()
)
_BAND_MATCHES = (
    select(
        copy_bands.c.article_key,
        func.count().label("shared"),
        func.max(copy_bands.c.band == bindparam("text_hash")).label("same"),
    )
    .join_from(_QUERY_BANDS, copy_bands, copy_bands.c.band == _QUERY_BANDS.c.band)
    .where(copy_bands.c.article_key >= func.coalesce(_MIN_ARTICLE_KEY, 0))
    .group_by(copy_bands.c.article_key)
    .subquery()
)
_IS_OTHER_LIVE = and_(IS_LIVE, articles.c.id != bindparam("excluded_id"))
_CANDIDATES_BY_BANDS = (
    select(articles.c.key)
    .join(_BAND_MATCHES, _BAND_MATCHES.c.article_key == articles.c.key)
    .where(_IS_OTHER_LIVE)
    .order_by(_BAND_MATCHES.c.same.desc(), _BAND_MATCHES.c.shared.desc(), articles.c.key.desc())
    .limit(MAX_CANDIDATES)
)
_CANDIDATES_BY_ADDRESS = (
    select(articles.c.key)
    .where(articles.c.address == bindparam("address"), _IS_OTHER_LIVE)
    .order_by(articles.c.key.desc())
    .limit(MAX_CANDIDATES)
)
_SELECT_CANDIDATES = (
    select(articles, func.min(passages.c.start), func.max(passages.c.end))
    .join(passages)
    .where(articles.c.key.in_(bind_array("keys")))
    .group_by(articles.c.key)
)


def write(connection: Connection, article_key: int, minhash: MinHashSignature | None) -> None:
    """Replace an article's signature; None deletes it."""
    connection.execute(delete(copy_bands).where(copy_bands.c.article_key == article_key))
    add(connection, {article_key: minhash})


def add(connection: Connection, signatures: Mapping[int, MinHashSignature | None]) -> None:
    """Store the signatures of articles that have none, by article key.

    Rows are sorted in table order: inserting thousands at once then costs half as much as one by
    one.
    """
    rows = [
        (band, key)
        for key, minhash in signatures.items()
        if minhash
        for band in _all_bands(minhash)
    ]
    if rows:
        connection.execute(
            insert(copy_bands),
            [{"band": band, "article_key": key} for band, key in sorted(rows)],
        )


def find_candidates(
    connection: Connection, minhash: MinHashSignature | None, address: str | None, excluded_id: str
) -> list[DuplicateRow]:
    """Return live articles that may be duplicates, at most `MAX_CANDIDATES` of each kind.

    Articles with the same `address` (canonical URL) come first, then those with the same text hash,
    then those with the most bands in common. The article `excluded_id` is left out.
    """
    parameters: dict[str, Any] = {"excluded_id": excluded_id, "address": address}
    same_address_keys = (
        list(connection.scalars(_CANDIDATES_BY_ADDRESS, parameters)) if address else []
    )
    keys = dict.fromkeys(same_address_keys)
    if minhash:
        parameters |= {"bands": sorted(_all_bands(minhash)), "text_hash": minhash.text_hash}
        keys |= dict.fromkeys(connection.scalars(_CANDIDATES_BY_BANDS, parameters))
    rows = connection.execute(_SELECT_CANDIDATES, {"keys": list(keys)})
    candidates_by_key = {
        row.key: DuplicateRow(
            row_mapping.to_article(row), Span(*row[-2:]), row.key in same_address_keys
        )
        for row in rows
    }
    return [candidates_by_key[key] for key in keys if key in candidates_by_key]


def _all_bands(minhash: MinHashSignature) -> set[int]:
    return {minhash.text_hash, *minhash.bands}
