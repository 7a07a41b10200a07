"""Read and write articles, passages, vectors and logs. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
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
from index.dedup.near_duplicates import MinHashSignature, minhash_signature
from index.errors import ConflictError, NotFoundError
from index.models import ArchiveStats, Article, ChangeRange, DateWindow, Draft
from index.storage import (
    article_queries,
    audit_log,
    changed_passages,
    cross_lingual_vectors,
    lsh_bands,
    row_mapping,
    token_vectors,
    vocabulary,
)
from index.storage.article_queries import ArticleFilter
from index.storage.cluster_inputs import (
    ClusteringInput,
    read_clustering_input,
    read_clustering_input_for_changes,
)
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
from index.text.number_words import words_and_numbers

_AUDIT_SIDE = {"removed": "before", "restored": "after"}


class ArticleStore:
    """The article database of one archive.

    Every method may raise `StoreError`. Methods return data of live (not removed) articles only,
    unless their docstring says otherwise.
    """

    def __init__(self, folder: Path, zone: ZoneInfo, clock: Clock = system_clock) -> None:
        self._database = Database(folder)
        self._zone = zone
        self._clock = clock
        self.store_id = self._database.store_id

    def close(self) -> None:
        """Close the database connections."""
        self._database.close()

    def save(
        self,
        draft: Draft,
        headline: str,
        draft_digest: str,
        embedded: EmbeddedArticle,
        record: ArticleRecord | None,
        actor: str,
        *,
        suppress_alerts: bool = False,
    ) -> str:
        """Add the article, or replace the one in `record`, and return the outcome.

        The article, its passages, its vectors and the change are written in one transaction.
        `suppress_alerts` marks an added article as no news. Returns "added", "replaced" or, if
        `record` was a removed article, "restored". Raises `ConflictError` if the stored article
        changed after `record` was read.
        """
        row = {
            **row_mapping.article_row(draft, self._zone),
            "headline": headline,
            "brought": draft_digest,
            "embedded_by": embedded.fingerprint,
            "removed_at": None,
        }
        with self._database.write_transaction() as connection:
            self._require_unchanged(connection, draft.id, record)
            if record is None:
                row |= {"added_at": self._now(), "changed": 0}
                inserted_key = connection.execute(insert(articles).values(row)).inserted_primary_key
                assert inserted_key is not None, "one row was inserted"
                article_key, outcome = int(inserted_key[0]), "added"
            else:
                article_key, outcome = record.key, "restored" if record.removed else "replaced"
            self._write_passages(connection, article_key, embedded, draft.text)
            self._record_change(
                connection, article_key, outcome, row, suppress_alerts=suppress_alerts
            )
            if record:
                self._write_audit_difference(connection, actor, outcome, record.article, draft)
            else:
                self._write_audit_entry(
                    connection, actor, outcome, draft.id, after=audit_log.audit_fields(draft)
                )
        return outcome

    def edit(
        self,
        draft: Draft,
        headline: str,
        embedded: EmbeddedArticle | None,
        record: ArticleRecord,
        actor: str,
    ) -> None:
        """Write an editor's changes; pass `embedded` if the vectors changed as well.

        Raises `ConflictError` if the stored article changed after `record` was read.
        """
        row = {**row_mapping.article_row(draft, self._zone), "headline": headline}
        with self._database.write_transaction() as connection:
            self._require_unchanged(connection, draft.id, record)
            if embedded:
                row["embedded_by"] = embedded.fingerprint
                self._write_passages(connection, record.key, embedded, draft.text)
            self._record_change(connection, record.key, "edited", row)
            self._write_audit_difference(connection, actor, "edited", record.article, draft)

    def reembed(self, embedded: EmbeddedArticle, record: ArticleRecord) -> None:
        """Replace an article's passages and vectors. Raises `ConflictError`."""
        with self._database.write_transaction() as connection:
            self._require_unchanged(connection, record.article.id, record)
            self._write_passages(connection, record.key, embedded, record.article.text)
            row = {"embedded_by": embedded.fingerprint}
            self._record_change(connection, record.key, "reembedded", row)

    def add_cross_lingual_vectors(
        self, model: str, vectors: Mapping[int, NDArray[np.float32]], record: ArticleRecord
    ) -> None:
        """Store cross-lingual vectors (e,) of an article by passage id. Raises `ConflictError`."""
        with self._database.write_transaction() as connection:
            self._require_unchanged(connection, record.article.id, record)
            cross_lingual_vectors.write(connection, model, vectors)
            self._record_change(connection, record.key, "reembedded", {})

    def remove(self, article_id: str, actor: str, record: ArticleRecord | None = None) -> None:
        """Mark an article as removed: no search returns it until `restore`.

        Raises `NotFoundError`, and `ConflictError` if the stored article changed after `record`
        was read.
        """
        self._set_removed(article_id, actor, record, now_removed=True)

    def restore(self, article_id: str, actor: str, record: ArticleRecord | None = None) -> None:
        """Make a removed article live again.

        Raises `NotFoundError`, and `ConflictError` as `remove` does.
        """
        self._set_removed(article_id, actor, record, now_removed=False)

    def find_record(self, article_id: str) -> ArticleRecord | None:
        """Return the article with this id, live or removed, or None."""
        with self._database.read_transaction() as connection:
            row = connection.execute(
                select(articles).where(articles.c.id == article_id)
            ).one_or_none()
        if row is None:
            return None
        removed = row.removed_at is not None
        fields = row.key, row.changed, row.brought, row.embedded_by
        return ArticleRecord(*fields, removed, row_mapping.to_article(row))

    def find_by_number(self, number: int) -> tuple[Article, bool] | None:
        """Return the article with this number (its key) and whether it is removed, or None."""
        with self._database.read_transaction() as connection:
            row = connection.execute(select(articles).where(articles.c.key == number)).one_or_none()
        return (row_mapping.to_article(row), row.removed_at is not None) if row else None

    def list_articles(self, article_filter: ArticleFilter) -> list[Article]:
        """Return the matching articles, newest publication first, undated ones last."""
        with self._database.read_transaction() as connection:
            return article_queries.list_articles(connection, article_filter, self._zone)

    def list_arrivals(self, after_seq: int, limit: int) -> list[ArticleArrival]:
        """Return at most `limit` articles added after change `after_seq`, oldest change first."""
        with self._database.read_transaction() as connection:
            return article_queries.list_arrivals(connection, after_seq, limit)

    def find_duplicate_candidates(
        self, draft: Draft, minhash: MinHashSignature | None
    ) -> list[DuplicateRow]:
        """Return articles that may duplicate a draft, by its canonical URL and MinHash signature.

        Articles with the same URL come first, then those with the most bands in common.
        """
        address = row_mapping.canonical_address(draft)
        with self._database.read_transaction() as connection:
            return lsh_bands.find_candidates(connection, minhash, address, draft.id)

    def stats(self) -> ArchiveStats:
        """Return the number of articles and passages, and the first and last publication day."""
        with self._database.read_transaction() as connection:
            return article_queries.archive_stats(connection)

    def count_by_day(self) -> dict[date, int]:
        """Return the number of articles of each day of publication."""
        with self._database.read_transaction() as connection:
            return article_queries.count_by_day(connection)

    def count_by_source(self) -> dict[str | None, int]:
        """Return the number of articles of each source, None for those of unknown source."""
        with self._database.read_transaction() as connection:
            return article_queries.count_by_source(connection)

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, live and removed."""
        with self._database.read_transaction() as connection:
            return list(connection.scalars(select(articles.c.id)))

    def ids_with_foreign_vectors(self, fingerprint: str) -> list[str]:
        """Return the ids of articles, live and removed, whose vectors are of another model."""
        query = select(articles.c.id).where(_made_by_other_model(fingerprint))
        with self._database.read_transaction() as connection:
            return list(connection.scalars(query))

    def ids_without_cross_lingual_vectors(self, model: str) -> list[str]:
        """Return the ids of articles, live and removed, without vectors of this encoder."""
        with self._database.read_transaction() as connection:
            return cross_lingual_vectors.article_ids_without_vectors(connection, model)

    def ids_without_token_vectors(self, model: str) -> list[str]:
        """Return the ids of articles, live and removed, without these token vectors."""
        with self._database.read_transaction() as connection:
            return token_vectors.article_ids_without_vectors(connection, model)

    def passage_spans(self, article_key: int) -> dict[int, tuple[int, int]]:
        """Return the start and end of each passage of an article, by passage id, in text order."""
        with self._database.read_transaction() as connection:
            return cross_lingual_vectors.passage_spans(connection, article_key)

    def has_foreign_vectors(self, fingerprint: str) -> bool:
        """Return whether a live article has vectors of another model."""
        live = articles.c.removed_at.is_(None)
        with self._database.read_transaction() as connection:
            return bool(
                connection.scalar(select(exists().where(live, _made_by_other_model(fingerprint))))
            )

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a read transaction and yield a consistent view of the archive as of now."""
        with self._database.read_transaction() as connection:
            yield Snapshot(connection, self._zone)

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        with self.snapshot() as snapshot:
            return snapshot.last_change()

    def last_change_before(self, instant: datetime) -> int:
        """Return the number of the last change before an instant; 0 if there is none."""
        earlier = select(changes.c.seq).where(changes.c.at < row_mapping.format_utc(instant))
        last = earlier.order_by(changes.c.seq.desc()).limit(1)
        with self._database.read_transaction() as connection:
            return connection.scalar(last) or 0

    def change_timestamp(self, seq: int) -> str | None:
        """Return the timestamp of change `seq`, or None.

        It distinguishes the change from another one with the same number, which a database
        restored from a backup can have.
        """
        with self._database.read_transaction() as connection:
            return connection.scalar(select(changes.c.at).where(changes.c.seq == seq))

    def changes_after(self, seq: int) -> list[Change]:
        """Return the changes after number `seq`, oldest first."""
        query = (
            select(changes.c.seq, changes.c.article_key)
            .where(changes.c.seq > seq)
            .order_by(changes.c.seq)
        )
        with self._database.read_transaction() as connection:
            return [Change(row.seq, row.article_key) for row in connection.execute(query)]

    def passage_vectors(
        self, fingerprint: str, article_keys: Iterable[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return ids (n,), article keys (n,) and vectors (n, d) of these articles' passages.

        Only vectors of the model with this fingerprint are returned.
        """
        with self._database.read_transaction() as connection:
            return changed_passages.passage_vectors(connection, fingerprint, article_keys)

    def passage_terms(self, article_keys: Iterable[int] | None = None) -> Iterator[PassageTerms]:
        """Yield the term ids of the passages of these articles, or of all, in batches of 5,000."""
        with self._database.read_transaction() as connection:
            yield from changed_passages.passage_terms(connection, article_keys)

    def clustering_input(self, window: DateWindow | None, fingerprint: str) -> ClusteringInput:
        """Return the articles published in a window, with this model's vectors and their terms."""
        with self._database.read_transaction() as connection:
            return read_clustering_input(connection, window, fingerprint, self._zone)

    def clustering_input_for_changes(
        self, change_range: ChangeRange, preceding_window: DateWindow, fingerprint: str
    ) -> tuple[ClusteringInput, frozenset[int]]:
        """Return the new articles of a change range and those published in a preceding window.

        Articles added after the range are left out. Also returns the keys of the articles that
        were added in the range.
        """
        with self._database.read_transaction() as connection:
            return read_clustering_input_for_changes(
                connection, change_range, preceding_window, fingerprint, self._zone
            )

    def audit_entries(
        self,
        *,
        subject_id: str | None = None,
        number: int | None = None,
        before_number: int | None = None,
        limit: int | None = None,
    ) -> list[AuditEntry]:
        """Return the matching entries of the audit log, newest first."""
        with self._database.read_transaction() as connection:
            return audit_log.read_entries(
                connection,
                subject_id=subject_id,
                number=number,
                before_number=before_number,
                limit=limit,
            )

    def _write_audit_entry(
        self, connection: Connection, actor: str, action: str, subject_id: str, **fields: Any
    ) -> None:
        audit_log.write(connection, self._now(), actor, action, subject_id, **fields)

    def _write_audit_difference(
        self, connection: Connection, actor: str, action: str, old: Article, new: Draft
    ) -> None:
        before, after = audit_log.difference(old, new)
        self._write_audit_entry(connection, actor, action, old.id, before=before, after=after)

    def _set_removed(
        self, article_id: str, actor: str, record: ArticleRecord | None, *, now_removed: bool
    ) -> None:
        with self._database.write_transaction() as connection:
            if record is not None:
                self._require_unchanged(connection, article_id, record)
            row = connection.execute(
                select(articles).where(articles.c.id == article_id)
            ).one_or_none()
            if row is None or (row.removed_at is not None) == now_removed:
                raise no_such_article(article_id, removed=not now_removed)
            removed_at = self._now() if now_removed else None
            kind = "removed" if now_removed else "restored"
            self._record_change(connection, row.key, kind, {"removed_at": removed_at})
            fields = audit_log.audit_fields(row_mapping.to_article(row))
            self._write_audit_entry(
                connection, actor, kind, article_id, **{_AUDIT_SIDE[kind]: fields}
            )

    def _require_unchanged(
        self, connection: Connection, article_id: str, record: ArticleRecord | None
    ) -> None:
        query = select(articles.c.changed).where(articles.c.id == article_id)
        if connection.scalar(query) != (record.last_change_seq if record else None):
            raise ConflictError(
                f"another process changed the article {article_id} at the same time", "Try again"
            )

    def _write_passages(
        self, connection: Connection, article_key: int, embedded: EmbeddedArticle, text: str
    ) -> None:
        connection.execute(delete(passages).where(passages.c.article_key == article_key))
        rows = [row_mapping.passage_row(article_key, passage) for passage in embedded.passages]
        connection.execute(insert(passages), rows)
        ids = connection.scalars(
            select(passages.c.id)
            .where(passages.c.article_key == article_key)
            .order_by(passages.c.start)
        ).all()
        passage_tokens = [passage.tokens for passage in embedded.passages]
        vocabulary.store_terms(connection, list(zip(ids, passage_tokens, strict=True)))
        if embedded.cross_lingual_fingerprint:
            vectors = zip(
                ids, (passage.cross_lingual_vector for passage in embedded.passages), strict=True
            )
            cross_lingual_vectors.write(
                connection,
                embedded.cross_lingual_fingerprint,
                {passage_id: vector for passage_id, vector in vectors if vector is not None},
            )
        if embedded.token_fingerprint:
            tokens = zip(ids, (each.token_vectors for each in embedded.passages), strict=True)
            token_vectors.write(
                connection,
                embedded.token_fingerprint,
                {passage_id: vectors for passage_id, vectors in tokens if vectors is not None},
            )
        spans = [passage.span for passage in embedded.passages]
        body_text = text[spans[0].start : spans[-1].end]
        lsh_bands.write(connection, article_key, minhash_signature(words_and_numbers(body_text)))

    def _record_change(
        self,
        connection: Connection,
        article_key: int,
        kind: str,
        row: dict[str, Any],
        *,
        suppress_alerts: bool = False,
    ) -> None:
        """Append a change to the log and update the article's columns."""
        inserted_key = connection.execute(
            insert(changes).values(
                article_key=article_key, kind=kind, at=self._now(), quiet=suppress_alerts
            )
        ).inserted_primary_key
        assert inserted_key is not None, "one row was inserted"
        connection.execute(
            update(articles)
            .where(articles.c.key == article_key)
            .values({**row, "changed": inserted_key[0]})
        )

    def _now(self) -> str:
        return row_mapping.format_utc(self._clock())


def _made_by_other_model(fingerprint: str) -> ColumnElement[bool]:
    """Express "not equal" as two ranges, so that SQLite can use the index."""
    return or_(articles.c.embedded_by < fingerprint, articles.c.embedded_by > fingerprint)


def no_such_article(article_id: str, *, removed: bool) -> NotFoundError:
    """Return the error for an id of no live article or, with `removed`, of no removed one."""
    if removed:
        return NotFoundError(
            f"no removed article has the id {article_id}",
            "`briefing articles list --removed` shows what can be restored",
        )
    return NotFoundError(
        f"no article has the id {article_id}", "`briefing articles list` shows what there is"
    )
