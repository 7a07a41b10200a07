"""Compute the changes that undo an audit log entry."""

from __future__ import annotations

from typing import Any

from index.errors import InvalidInputError, NotFoundError
from index.models import Article, DateProvenance
from index.storage.article_store import ArticleStore
from index.storage.records import ArticleRecord, AuditEntry

_ARTICLE_ACTIONS = frozenset(("added", "replaced", "edited", "removed", "restored"))


def inverse_changes(entry: AuditEntry, article: Article) -> dict[str, Any] | None:
    """Return the arguments of `Archive.edit` that restore the article's fields.

    None if the entry changed no field. Raises `InvalidInputError` if it is not about an article.
    """
    if entry.action not in _ARTICLE_ACTIONS:
        raise InvalidInputError("only what was done to an article can be undone")
    if not entry.before or entry.after is None:
        return None
    fields = entry.before
    if "published" not in fields and "date_found" not in fields:
        return fields
    return {**fields, "date_found": DateProvenance(fields.get("date_found", article.date_found))}


def find_newest_entry(store: ArticleStore, number: int) -> tuple[AuditEntry, ArticleRecord]:
    """Return entry `number`, which must be the newest of its article, and the article's record.

    Raises `NotFoundError` if there is no such entry, `InvalidInputError` if the article has a newer
    one.
    """
    entry = next(iter(store.audit_entries(number=number)), None)
    if entry is None or entry.subject_id is None:
        raise NotFoundError(f"the log has no entry {number}", "`briefing log` shows what there is")
    # Read the record before the log: a later change then makes the write based on it conflict.
    record = store.find_record(entry.subject_id)
    if (
        record is None
        or store.audit_entries(subject_id=entry.subject_id, limit=1)[0].number != number
    ):
        raise InvalidInputError("it has been changed again since", "Edit the article instead")
    return entry, record
