"""By what copies are found: canonical addresses, and the bands of the articles' signatures.

A signature is made of the words between the first passage's start and the last one's end, and
written with them.
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
"""So many articles of one band are looked at, those added last: a bulletin that comes every day in
the same words costs no more than this, and a copy comes soon after what it was copied from."""
MAX_CANDIDATES = 30


class DuplicateRow(NamedTuple):
    """An article that may be a copy: where its story starts and ends, and if its address is it."""

    article: Article
    body: Span
    same_address: bool


_WANTED = select(
    func.json_each(bindparam("bands", type_=JSON)).table_valued("value").c.value.label("band")
).cte("wanted")
_OTHERS = copy_bands.alias("others")
_OLDEST = (
    select(_OTHERS.c.article_key)
    .where(_OTHERS.c.band == _WANTED.c.band)
    .order_by(_OTHERS.c.article_key.desc())
    .limit(1)
    .offset(MAX_BAND_SIZE - 1)
    .scalar_subquery()
)
_SHARING = (
    select(
        copy_bands.c.article_key,
        func.count().label("shared"),
        func.max(copy_bands.c.band == bindparam("whole")).label("same"),
    )
    .join_from(_WANTED, copy_bands, copy_bands.c.band == _WANTED.c.band)
    .where(copy_bands.c.article_key >= func.coalesce(_OLDEST, 0))
    .group_by(copy_bands.c.article_key)
    .subquery()
)
_OTHER = and_(IS_LIVE, articles.c.id != bindparam("own"))
_BY_WORDS = (
    select(articles.c.key)
    .join(_SHARING, _SHARING.c.article_key == articles.c.key)
    .where(_OTHER)
    .order_by(_SHARING.c.same.desc(), _SHARING.c.shared.desc(), articles.c.key.desc())
    .limit(MAX_CANDIDATES)
)
_BY_ADDRESS = (
    select(articles.c.key)
    .where(articles.c.address == bindparam("address"), _OTHER)
    .order_by(articles.c.key.desc())
    .limit(MAX_CANDIDATES)
)
_READ = (
    select(articles, func.min(passages.c.start), func.max(passages.c.end))
    .join(passages)
    .where(articles.c.key.in_(bind_array("keys")))
    .group_by(articles.c.key)
)


def write(connection: Connection, article_key: int, signed: MinHashSignature | None) -> None:
    """Store an article's signature in the place of the one it had."""
    connection.execute(delete(copy_bands).where(copy_bands.c.article_key == article_key))
    add(connection, {article_key: signed})


def add(connection: Connection, signatures: Mapping[int, MinHashSignature | None]) -> None:
    """Store the signatures of articles that have none, by key.

    They are put in the order of the table: thousands at a time then cost half of one by one.
    """
    rows = [(band, key) for key, signed in signatures.items() if signed for band in _all(signed)]
    if rows:
        connection.execute(
            insert(copy_bands),
            [{"band": band, "article_key": key} for band, key in sorted(rows)],
        )


def find(
    connection: Connection, signed: MinHashSignature | None, address: str | None, own_id: str
) -> list[DuplicateRow]:
    """Return live articles that may be copies, the likeliest first, at most 30 of each kind.

    Those of the same address come first. The one with `own_id` is left out.
    """
    given: dict[str, Any] = {"own": own_id, "address": address}
    same = list(connection.scalars(_BY_ADDRESS, given)) if address else []
    keys = dict.fromkeys(same)
    if signed:
        given |= {"bands": sorted(_all(signed)), "whole": signed.whole}
        keys |= dict.fromkeys(connection.scalars(_BY_WORDS, given))
    rows = connection.execute(_READ, {"keys": list(keys)})
    found = {
        row.key: DuplicateRow(row_mapping.article(row), Span(*row[-2:]), row.key in same)
        for row in rows
    }
    return [found[key] for key in keys if key in found]


def _all(signed: MinHashSignature) -> set[int]:
    return {signed.whole, *signed.bands}
