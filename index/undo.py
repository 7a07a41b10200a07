"""What undoes an entry of the log."""

from __future__ import annotations

from typing import Any

from index.errors import InvalidInputError, NotFoundError
from index.models import Article, DateProvenance
from index.storage.article_store import ArticleStore
from index.storage.records import ArticleRecord, AuditEntry

_OF_ARTICLES = frozenset(("added", "replaced", "edited", "removed", "restored"))


def inverse_changes(told: AuditEntry, now: Article) -> dict[str, Any] | None:
    """Return the changes that bring an article's fields back, as `Archive.edit` takes them.

    None where the entry changed no field. Raises `InvalidInputError` for an entry of no article.
    """
    if told.what not in _OF_ARTICLES:
        raise InvalidInputError("only what was done to an article can be undone")
    if not told.before or told.after is None:
        return None
    fields = told.before
    if "published" not in fields and "date_found" not in fields:
        return fields
    return {**fields, "date_found": DateProvenance(fields.get("date_found", now.date_found))}


def newest_entry(store: ArticleStore, number: int) -> tuple[AuditEntry, ArticleRecord]:
    """Return an entry of the log, the newest of its article, and the article as it was read.

    Raises `NotFoundError` where there is no such entry, `InvalidInputError` where there is a newer one.
    """
    told = next(iter(store.log(number=number)), None)
    if told is None or told.about is None:
        raise NotFoundError(f"the log has no entry {number}", "`briefing log` shows what there is")
    read = store.record(told.about)  # before the log is asked: what is written is of it
    if read is None or store.log(about=told.about, limit=1)[0].number != number:
        raise InvalidInputError("it has been changed again since", "Edit the article instead")
    return told, read
