"""What the archive asks of its database. One call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from index.clock import Clock, system_clock
from index.dedup.near_duplicates import MinHashSignature, signature
from index.errors import ConflictError, NotFoundError
from index.models import ArchiveStats, Article, ChangeRange, DateWindow, Draft
from index.storage import (
    article_queries,
    audit_log,
    changed_passages,
    cross_lingual_vectors,
    lsh_bands,
    row_mapping,
    vocabulary,
)
from index.storage.article_queries import ArticleFilter
from index.storage.cluster_inputs import ClusteringInput, reported, reported_news
from index.storage.database import Database
from index.storage.lsh_bands import DuplicateRow
from index.storage.records import (
    ArticleArrival,
    ArticleRecord,
    AuditEntry,
    Change,
    EmbeddedArticle,
    PassageTerms,
    Vectors,
)
from index.storage.schema import articles, changes, passages
from index.storage.snapshot import Snapshot
from index.text.number_words import marked_words

_TOLD_AS = {"removed": "before", "restored": "after"}


class ArticleStore:
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

    def save(
        self,
        draft: Draft,
        headline: str,
        brought: str,
        embedded: EmbeddedArticle,
        read: ArticleRecord | None,
        by: str,
        *,
        quiet: bool = False,
    ) -> str:
        """Add the article, or put it in the place of `read`; say which it was.

        `quiet` says that it is no news when it is added.

        The article, its passages, its vectors and the change are written together or not at all.
        Returns "added", "replaced" or, where `read` had been removed, "restored". Raises
        `ConflictError` where the archive no longer holds what was read.
        """
        row = {
            **row_mapping.article_row(draft, self._zone),
            "headline": headline,
            "brought": brought,
            "embedded_by": embedded.fingerprint,
            "removed_at": None,
        }
        with self._database.writing() as connection:
            self._require_unchanged(connection, draft.id, read)
            if read is None:
                row |= {"added_at": self._now(), "changed": 0}
                made = connection.execute(insert(articles).values(row)).inserted_primary_key
                assert made is not None, "one row was inserted"
                key, outcome = int(made[0]), "added"
            else:
                key, outcome = read.key, "restored" if read.removed else "replaced"
            self._write_passages(connection, key, embedded, draft.text)
            self._change(connection, key, outcome, row, quiet=quiet)
            if read:
                self._log_difference(connection, by, outcome, read.article, draft)
            else:
                self._log(connection, by, outcome, draft.id, after=audit_log.audit_fields(draft))
        return outcome

    def edit(
        self,
        draft: Draft,
        headline: str,
        embedded: EmbeddedArticle | None,
        read: ArticleRecord,
        by: str,
    ) -> None:
        """Write an editor's changes; `embedded` is given where the vectors changed as well.

        Raises `ConflictError` where the archive no longer holds what was read.
        """
        row = {**row_mapping.article_row(draft, self._zone), "headline": headline}
        with self._database.writing() as connection:
            self._require_unchanged(connection, draft.id, read)
            if embedded:
                row["embedded_by"] = embedded.fingerprint
                self._write_passages(connection, read.key, embedded, draft.text)
            self._change(connection, read.key, "edited", row)
            self._log_difference(connection, by, "edited", read.article, draft)

    def reembed(self, embedded: EmbeddedArticle, read: ArticleRecord) -> None:
        """Put new vectors in the place of an article's old ones. Raises `ConflictError`."""
        with self._database.writing() as connection:
            self._require_unchanged(connection, read.article.id, read)
            self._write_passages(connection, read.key, embedded, read.article.text)
            row = {"embedded_by": embedded.fingerprint}
            self._change(connection, read.key, "reembedded", row)

    def add_second(
        self, model: str, made: Mapping[int, NDArray[np.float32]], read: ArticleRecord
    ) -> None:
        """Add the second encoder's vectors of an article, by passage. Raises `ConflictError`."""
        with self._database.writing() as connection:
            self._require_unchanged(connection, read.article.id, read)
            cross_lingual_vectors.write(connection, model, made)
            self._change(connection, read.key, "reembedded", {})

    def remove(self, article_id: str, by: str, read: ArticleRecord | None = None) -> None:
        """Take an article out of every answer; `restore` brings it back.

        Raises `NotFoundError`, and `ConflictError` where the archive no longer holds what was `read`.
        """
        self._set_removed(article_id, by, read, now_removed=True)

    def restore(self, article_id: str, by: str, read: ArticleRecord | None = None) -> None:
        """Bring a removed article back. Raises `NotFoundError`, and `ConflictError` as `remove` does."""
        self._set_removed(article_id, by, read, now_removed=False)

    def record(self, article_id: str) -> ArticleRecord | None:
        """Return the article with this id, removed or not, or None."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(articles).where(articles.c.id == article_id)
            ).one_or_none()
        if row is None:
            return None
        removed = row.removed_at is not None
        known = row.key, row.changed, row.brought, row.embedded_by
        return ArticleRecord(*known, removed, row_mapping.article(row))

    def numbered(self, number: int) -> tuple[Article, bool] | None:
        """Return the article with that number, and whether it is removed."""
        with self._database.reading() as connection:
            row = connection.execute(select(articles).where(articles.c.key == number)).one_or_none()
        return (row_mapping.article(row), row.removed_at is not None) if row else None

    def articles(self, wanted: ArticleFilter) -> list[Article]:
        """Return articles, the last published first, unknown dates last."""
        with self._database.reading() as connection:
            return article_queries.listed(connection, wanted, self._zone)

    def arrivals(self, after: int, limit: int) -> list[ArticleArrival]:
        """Return the articles that came after change `after`, in the order they came."""
        with self._database.reading() as connection:
            return article_queries.arrivals(connection, after, limit)

    def alike(self, draft: Draft, signed: MinHashSignature | None) -> list[DuplicateRow]:
        """Return articles that may be copies of a draft, by its signature and its address.

        Those of the same address come first, then those with the most in common.
        """
        address = row_mapping.address(draft)
        with self._database.reading() as connection:
            return lsh_bands.find(connection, signed, address, draft.id)

    def holdings(self) -> ArchiveStats:
        """Say how much the archive holds, and from when to when."""
        with self._database.reading() as connection:
            return article_queries.holdings(connection)

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, removed ones too."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(articles.c.id)))

    def embedded_otherwise(self, fingerprint: str) -> list[str]:
        """Return the ids of articles, removed ones too, whose vectors another model made."""
        query = select(articles.c.id).where(_other_model(fingerprint))
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def without_second(self, model: str) -> list[str]:
        """Return the ids of articles, removed ones too, without that encoder's vectors."""
        with self._database.reading() as connection:
            return cross_lingual_vectors.articles_without(connection, model)

    def spans(self, article_key: int) -> dict[int, tuple[int, int]]:
        """Return the start and end of each passage of an article, by id, in the text's order."""
        with self._database.reading() as connection:
            return cross_lingual_vectors.spans(connection, article_key)

    def has_foreign_vectors(self, fingerprint: str) -> bool:
        """Say whether another model made the vectors of a live article."""
        live = articles.c.removed_at.is_(None)
        with self._database.reading() as connection:
            return bool(connection.scalar(select(exists().where(live, _other_model(fingerprint)))))

    @contextmanager
    def moment(self) -> Iterator[Snapshot]:
        """Give the archive as it is now: everything read from it is of one moment."""
        with self._database.reading() as connection:
            yield Snapshot(connection, self._zone)

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        with self.moment() as moment:
            return moment.last_change()

    def change_before(self, moment: datetime) -> int:
        """Return the number of the last change before a moment; 0 where there is none."""
        before = select(changes.c.seq).where(changes.c.at < row_mapping.utc(moment))
        last = before.order_by(changes.c.seq.desc()).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(last) or 0

    def stamp(self, seq: int) -> str | None:
        """Return what tells change `seq` from another that had its number; None where none has."""
        with self._database.reading() as connection:
            return connection.scalar(select(changes.c.at).where(changes.c.seq == seq))

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
        self, fingerprint: str, article_keys: Iterable[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return the ids, articles' keys and vectors (n, d) of these articles' passages.

        Only vectors of the model with this fingerprint are returned.
        """
        with self._database.reading() as connection:
            return changed_passages.passage_vectors(connection, fingerprint, article_keys)

    def passage_terms(self, article_keys: Iterable[int] | None = None) -> Iterator[PassageTerms]:
        """Give the words of these articles' passages, or of all, some thousands at a time."""
        with self._database.reading() as connection:
            yield from changed_passages.passage_terms(connection, article_keys)

    def reported(self, window: DateWindow | None, fingerprint: str) -> ClusteringInput:
        """Return what was published in a window, as told by the model with this fingerprint."""
        with self._database.reading() as connection:
            return reported(connection, window, fingerprint, self._zone)

    def reported_news(
        self, news: ChangeRange, before: DateWindow, fingerprint: str
    ) -> tuple[ClusteringInput, frozenset[int]]:
        """Return what is news, with what was published in a window `before`; and the news' keys."""
        with self._database.reading() as connection:
            return reported_news(connection, news, before, fingerprint, self._zone)

    def log(
        self,
        *,
        about: str | None = None,
        number: int | None = None,
        below: int | None = None,
        limit: int | None = None,
    ) -> list[AuditEntry]:
        """Return who changed what, the newest first."""
        with self._database.reading() as connection:
            return audit_log.entries(
                connection, about=about, number=number, below=below, limit=limit
            )

    def _log(self, connection: Connection, by: str, what: str, about: str, **told: Any) -> None:
        audit_log.write(connection, self._now(), by, what, about, **told)

    def _log_difference(
        self, connection: Connection, by: str, what: str, old: Article, new: Draft
    ) -> None:
        before, after = audit_log.difference(old, new)
        self._log(connection, by, what, old.id, before=before, after=after)

    def _set_removed(
        self, article_id: str, by: str, read: ArticleRecord | None, *, now_removed: bool
    ) -> None:
        with self._database.writing() as connection:
            if read is not None:
                self._require_unchanged(connection, article_id, read)
            row = connection.execute(
                select(articles).where(articles.c.id == article_id)
            ).one_or_none()
            if row is None or (row.removed_at is not None) == now_removed:
                raise no_such_article(article_id, removed=not now_removed)
            at = self._now() if now_removed else None
            kind = "removed" if now_removed else "restored"
            self._change(connection, row.key, kind, {"removed_at": at})
            told = audit_log.audit_fields(row_mapping.article(row))
            self._log(connection, by, kind, article_id, **{_TOLD_AS[kind]: told})

    def _require_unchanged(
        self, connection: Connection, article_id: str, read: ArticleRecord | None
    ) -> None:
        found = select(articles.c.changed).where(articles.c.id == article_id)
        if connection.scalar(found) != (read.changed if read else None):
            raise ConflictError(
                f"another process changed the article {article_id} at the same time", "Try again"
            )

    def _write_passages(
        self, connection: Connection, key: int, embedded: EmbeddedArticle, text: str
    ) -> None:
        connection.execute(delete(passages).where(passages.c.article_key == key))
        rows = [row_mapping.passage_row(key, passage) for passage in embedded.passages]
        connection.execute(insert(passages), rows)
        ids = connection.scalars(
            select(passages.c.id).where(passages.c.article_key == key).order_by(passages.c.start)
        ).all()
        said = [passage.terms for passage in embedded.passages]
        vocabulary.store_terms(connection, list(zip(ids, said, strict=True)))
        if embedded.second:
            made = zip(ids, (passage.second for passage in embedded.passages), strict=True)
            cross_lingual_vectors.write(
                connection, embedded.second, {n: v for n, v in made if v is not None}
            )
        spans = [passage.span for passage in embedded.passages]
        story = text[spans[0].start : spans[-1].end]
        lsh_bands.write(connection, key, signature(marked_words(story)))

    def _change(
        self,
        connection: Connection,
        key: int,
        kind: str,
        row: dict[str, Any],
        *,
        quiet: bool = False,
    ) -> None:
        """Write an article's columns and the line of the log that tells everyone of it."""
        made = connection.execute(
            insert(changes).values(article_key=key, kind=kind, at=self._now(), quiet=quiet)
        ).inserted_primary_key
        assert made is not None, "one row was inserted"
        connection.execute(
            update(articles).where(articles.c.key == key).values({**row, "changed": made[0]})
        )

    def _now(self) -> str:
        return row_mapping.utc(self._clock())


def _other_model(fingerprint: str) -> ColumnElement[bool]:
    """Say "not equal" as two ranges, which an index can look up."""
    return or_(articles.c.embedded_by < fingerprint, articles.c.embedded_by > fingerprint)


def no_such_article(article_id: str, *, removed: bool) -> NotFoundError:
    """Return the error for an id that no article, or no removed one, has."""
    if removed:
        return NotFoundError(
            f"no removed article has the id {article_id}",
            "`briefing articles list --removed` shows what can be restored",
        )
    return NotFoundError(
        f"no article has the id {article_id}", "`briefing articles list` shows what there is"
    )
