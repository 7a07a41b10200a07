"""What undoes an entry of the log."""

from __future__ import annotations

from typing import Any

from index.errors import InvalidInputError, NotFoundError
from index.models import Article, DateProvenance
from index.storage.article_store import ArticleStore
from index.storage.records import ArticleRecord, AuditEntry

_ARTICLE_ACTIONS = frozenset(("added", "replaced", "edited", "removed", "restored"))


def inverse_changes(entry: AuditEntry, article: Article) -> dict[str, Any] | None:
    """Return the changes that bring an article's fields back, as `Archive.edit` takes them.

    None where the entry changed no field. Raises `InvalidInputError` for an entry of no article.
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
    """Return an entry of the log, the newest of its article, and the article as it was read.

    Raises `NotFoundError` where there is no such entry, `InvalidInputError` where there is a newer
    one.
    """
    entry = next(iter(store.audit_entries(number=number)), None)
    if entry is None or entry.subject_id is None:
        raise NotFoundError(f"the log has no entry {number}", "`briefing log` shows what there is")
    record = store.find_record(
        entry.subject_id
    )  # before the log is asked: what is written is of it
    if (
        record is None
        or store.audit_entries(subject_id=entry.subject_id, limit=1)[0].number != number
    ):
        raise InvalidInputError("it has been changed again since", "Edit the article instead")
    return entry, record
