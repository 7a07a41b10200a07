"""What the archive asks of its database. One call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from index.article import Article, Draft, Holdings, Window
from index.clock import Clock, system_clock
from index.errors import NotFound
from index.store import mapping
from index.store.database import Database
from index.store.rows import Candidate, Change, Embedded, Record, Vectors
from index.store.tables import articles, changes, passages


class Store:
    """The database of one archive, in the archive's own words.

    Every method may raise `StoreError`. Only what is in a live (not removed) article is returned,
    unless a method says otherwise.
    """

    def __init__(self, folder: Path, zone: ZoneInfo, clock: Clock = system_clock) -> None:
        self._database = Database(folder)
        self._zone = zone
        self._clock = clock
        self.store_id = self._database.store_id

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def save(self, draft: Draft, headline: str, brought: str, embedded: Embedded) -> str:
        """Add the article, or put it in the place of the one with its id; say which it was.

        The article, its passages, its vectors and the change are written together or not at all.
        Returns "added", "replaced" or, where the id had been removed, "restored".
        """
        row = {**mapping.article_row(draft, self._zone), "headline": headline, "brought": brought}
        row["embedded_by"] = embedded.fingerprint
        with self._database.writing() as connection:
            old = connection.execute(
                select(articles.c.key, articles.c.removed_at).where(articles.c.id == draft.id)
            ).one_or_none()
            if old is None:
                row["added_at"] = self._now()
                made = connection.execute(insert(articles).values(row)).inserted_primary_key
                assert made is not None, "one row was inserted"
                key = int(made[0])
                outcome = "added"
            else:
                key = old.key
                connection.execute(
                    update(articles)
                    .where(articles.c.key == key)
                    .values({**row, "removed_at": None})
                )
                outcome = "replaced" if old.removed_at is None else "restored"
            self._write_passages(connection, key, embedded)
            self._log(connection, key, outcome)
        return outcome

    def edit(self, draft: Draft, headline: str, embedded: Embedded | None) -> None:
        """Write an editor's changes; `embedded` is given where the vectors changed as well."""
        row = {**mapping.article_row(draft, self._zone), "headline": headline}
        with self._database.writing() as connection:
            key = self._key(connection, draft.id)
            if embedded:
                row["embedded_by"] = embedded.fingerprint
                self._write_passages(connection, key, embedded)
            connection.execute(update(articles).where(articles.c.key == key).values(row))
            self._log(connection, key, "edited")

    def reembed(self, article_id: str, embedded: Embedded) -> None:
        """Put new vectors in the place of an article's old ones."""
        with self._database.writing() as connection:
            key = self._key(connection, article_id)
            self._write_passages(connection, key, embedded)
            connection.execute(
                update(articles)
                .where(articles.c.key == key)
                .values(embedded_by=embedded.fingerprint)
            )
            self._log(connection, key, "edited")

    def remove(self, article_id: str) -> None:
        """Take an article out of every answer; `restore` brings it back. Raises `NotFound`."""
        self._set_removed(article_id, now_removed=True)

    def restore(self, article_id: str) -> None:
        """Bring a removed article back. Raises `NotFound`."""
        self._set_removed(article_id, now_removed=False)

    def record(self, article_id: str) -> Record | None:
        """Return the article with this id, removed or not, or None."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(articles).where(articles.c.id == article_id)
            ).one_or_none()
        if row is None:
            return None
        return Record(row.key, row.brought, row.removed_at is not None, mapping.article(row))

    def articles(
        self, window: Window | None, *, removed: bool, limit: int | None, offset: int = 0
    ) -> list[Article]:
        """Return live (or removed) articles, the last published first, unknown dates last."""
        day = func.coalesce(articles.c.published_on, func.substr(articles.c.published, 1, 10))
        wanted = articles.c.removed_at.is_not(None) if removed else articles.c.removed_at.is_(None)
        query = (
            select(articles)
            .where(wanted, *mapping.within(window, self._zone))
            .order_by(day.is_(None), day.desc(), articles.c.published.desc(), articles.c.key)
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            return [mapping.article(row) for row in connection.execute(query)]

    def articles_by_key(self, keys: Iterable[int]) -> dict[int, Article]:
        """Return the live ones of these articles by their key."""
        query = select(articles).where(
            articles.c.key.in_(list(keys)), articles.c.removed_at.is_(None)
        )
        with self._database.reading() as connection:
            return {row.key: mapping.article(row) for row in connection.execute(query)}

    def holdings(self) -> Holdings:
        """Say how much the archive holds, and from when to when."""
        day = func.substr(articles.c.published, 1, 10)
        live = articles.c.removed_at.is_(None)
        with self._database.reading() as connection:
            count, first, last = connection.execute(
                select(func.count(), func.min(day), func.max(day)).where(live)
            ).one()
            held = connection.scalar(
                select(func.count()).select_from(passages.join(articles)).where(live)
            )
        return Holdings(
            articles=count,
            passages=held or 0,
            since=date.fromisoformat(first) if first else None,
            until=date.fromisoformat(last) if last else None,
        )

    def embedded_otherwise(self, fingerprint: str) -> list[str]:
        """Return the ids of live articles whose vectors another model made."""
        query = select(articles.c.id).where(
            articles.c.removed_at.is_(None), articles.c.embedded_by != fingerprint
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(changes.c.seq))) or 0

    def changes_after(self, seq: int) -> list[Change]:
        """Return what changed after `seq`, oldest first."""
        query = (
            select(changes.c.seq, changes.c.article_key)
            .where(changes.c.seq > seq)
            .order_by(changes.c.seq)
        )
        with self._database.reading() as connection:
            return [Change(row.seq, row.article_key) for row in connection.execute(query)]

    def passage_vectors(
        self, fingerprint: str, article_keys: Iterable[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return the ids, articles' keys and vectors (n, d) of these articles' passages, or all.

        Only vectors of the model with this fingerprint are returned.
        """
        query = (
            select(passages.c.id, passages.c.article_key, passages.c.vector)
            .join(articles)
            .where(articles.c.removed_at.is_(None), articles.c.embedded_by == fingerprint)
            .order_by(passages.c.id)
        )
        if article_keys is not None:
            query = query.where(passages.c.article_key.in_(list(article_keys)))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        ids = np.fromiter((row.id for row in rows), np.int64, len(rows))
        owners = np.fromiter((row.article_key for row in rows), np.int64, len(rows))
        return ids, owners, mapping.vectors(row.vector for row in rows)

    def passage_ids_within(self, window: Window) -> NDArray[np.int64]:
        """Return the ids of the passages of articles published in the window."""
        query = (
            select(passages.c.id)
            .join(articles)
            .where(articles.c.removed_at.is_(None), *mapping.within(window, self._zone))
        )
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query), np.int64)

    def candidates(self, fingerprint: str, passage_ids: Iterable[int]) -> dict[int, Candidate]:
        """Return these passages with what ranking needs, by id; those gone are missing."""
        wanted = [column for column in passages.c if column is not passages.c.vector]
        query = (
            select(*wanted, articles.c.id.label("article_id"))
            .join_from(passages, articles)
            .where(
                passages.c.id.in_(list(passage_ids)),
                articles.c.removed_at.is_(None),
                articles.c.embedded_by == fingerprint,
            )
        )
        with self._database.reading() as connection:
            return mapping.candidates(connection.execute(query).all())

    def _set_removed(self, article_id: str, *, now_removed: bool) -> None:
        with self._database.writing() as connection:
            row = connection.execute(
                select(articles.c.key, articles.c.removed_at).where(articles.c.id == article_id)
            ).one_or_none()
            if row is None or (row.removed_at is not None) == now_removed:
                raise _no_such_article(article_id, removed=not now_removed)
            connection.execute(
                update(articles)
                .where(articles.c.key == row.key)
                .values(removed_at=self._now() if now_removed else None)
            )
            self._log(connection, row.key, "removed" if now_removed else "restored")

    def _key(self, connection: Connection, article_id: str) -> int:
        key = connection.scalar(
            select(articles.c.key).where(
                articles.c.id == article_id, articles.c.removed_at.is_(None)
            )
        )
        if key is None:
            raise _no_such_article(article_id, removed=False)
        return int(key)

    def _write_passages(self, connection: Connection, key: int, embedded: Embedded) -> None:
        connection.execute(delete(passages).where(passages.c.article_key == key))
        rows = [mapping.passage_row(key, passage) for passage in embedded.passages]
        connection.execute(insert(passages), rows)

    def _log(self, connection: Connection, key: int, kind: str) -> None:
        connection.execute(insert(changes).values(article_key=key, kind=kind, at=self._now()))

    def _now(self) -> str:
        return mapping.instant(self._clock())


def _no_such_article(article_id: str, *, removed: bool) -> NotFound:
    if removed:
        return NotFound(
            f"no removed article has the id {article_id}",
            "`briefing articles list --removed` shows what can be restored",
        )
    return NotFound(
        f"no article has the id {article_id}", "`briefing articles list` shows what there is"
    )
