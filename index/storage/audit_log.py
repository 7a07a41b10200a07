"""The audit log: who changed what. An entry is written in the transaction of its change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from index.models import Article, Draft
from index.storage.records import AuditEntry
from index.storage.schema import audit

_AUDITED_FIELDS = ("title", "source", "published", "date_found", "language", "url", "author")


def write(
    connection: Connection,
    recorded_at: str,
    actor: str,
    action: str,
    subject_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry: at `recorded_at` (UTC), `actor` did `action` to `subject_id`.

    The subject is an article, a person or a feed.
    """
    row = {"at": recorded_at, "by": actor, "what": action, "about": subject_id}
    connection.execute(insert(audit).values(**row, before=_json(before), after=_json(after)))


def erase_name(connection: Connection, subject_id: str) -> None:
    """Remove the name of a person from the entries about them."""
    entries = select(audit).where(audit.c.about == subject_id)
    for row in connection.execute(entries).all():
        values = {"before": _without_name(row.before), "after": _without_name(row.after)}
        connection.execute(update(audit).where(audit.c.id == row.id).values(values))


def read_entries(
    connection: Connection,
    *,
    subject_id: str | None = None,
    number: int | None = None,
    before_number: int | None = None,
    limit: int | None = None,
) -> list[AuditEntry]:
    """Return entries, newest first, filtered by subject, by number or by an upper bound of it."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject_id is not None:
        query = query.where(audit.c.about == subject_id)
    if number is not None:
        query = query.where(audit.c.id == number)
    if before_number is not None:
        query = query.where(audit.c.id < before_number)
    return [
        AuditEntry(
            number=row.id,
            recorded_at=row.at,
            actor=row.by,
            action=row.what,
            subject_id=row.about,
            before=json.loads(row.before) if row.before else None,
            after=json.loads(row.after) if row.after else None,
        )
        for row in connection.execute(query)
    ]


def audit_fields(draft: Draft) -> dict[str, Any]:
    """Return the fields logged when an article is added or removed: all except its text."""
    fields = draft.model_dump(mode="json", include=set(_AUDITED_FIELDS), exclude_none=True)
    return fields | {"headline": draft.headline} if isinstance(draft, Article) else fields


def difference(before: Draft, after: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the old and the new values of the fields that differ, including the text."""
    compared = {*_AUDITED_FIELDS, "text", "only_summary"}
    old_values, new_values = (
        draft.model_dump(mode="json", include=compared) for draft in (before, after)
    )
    changed = [name for name in old_values if old_values[name] != new_values[name]]
    return {name: old_values[name] for name in changed}, {
        name: new_values[name] for name in changed
    }


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _without_name(values: str | None) -> str | None:
    """Return the JSON of an entry's values without the name of a person."""
    if values is None:
        return None
    return _json({field: value for field, value in json.loads(values).items() if field != "name"})
