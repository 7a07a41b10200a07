"""What undoes an entry of the log (pure)."""

from __future__ import annotations

from typing import Any

from index.article import Article, DateFound
from index.errors import BadInput
from index.store.rows import Entry

_OF_ARTICLES = frozenset(("added", "replaced", "edited", "removed", "restored"))


def undoing(told: Entry, now: Article) -> dict[str, Any] | None:
    """Return the changes that bring an article's fields back, as `Archive.edit` takes them.

    None where the entry changed no field. Raises `BadInput` for an entry of no article.
    """
    if told.what not in _OF_ARTICLES:
        raise BadInput("only what was done to an article can be undone")
    if not told.before or told.after is None:
        return None
    fields = told.before
    if "published" not in fields and "date_found" not in fields:
        return fields
    return {**fields, "date_found": DateFound(fields.get("date_found", now.date_found))}
