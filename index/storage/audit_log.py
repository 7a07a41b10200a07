"""Who changed what, written in the same transaction as the change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from index.models import Article, Draft
from index.storage.records import AuditEntry
from index.storage.schema import audit

_TOLD = ("title", "source", "published", "date_found", "language", "url", "author")


def write(
    connection: Connection,
    at: str,
    by: str,
    what: str,
    about: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write that `by` did `what` to an article or a person, at an instant in UTC."""
    row = {"at": at, "by": by, "what": what, "about": about}
    connection.execute(insert(audit).values(**row, before=_json(before), after=_json(after)))


def entries(
    connection: Connection,
    *,
    about: str | None = None,
    number: int | None = None,
    below: int | None = None,
    limit: int | None = None,
) -> list[AuditEntry]:
    """Return entries, the newest first: of one article or person, of one number, or below one."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if about is not None:
        query = query.where(audit.c.about == about)
    if number is not None:
        query = query.where(audit.c.id == number)
    if below is not None:
        query = query.where(audit.c.id < below)
    return [
        AuditEntry(
            number=row.id,
            at=row.at,
            by=row.by,
            what=row.what,
            about=row.about,
            before=json.loads(row.before) if row.before else None,
            after=json.loads(row.after) if row.after else None,
        )
        for row in connection.execute(query)
    ]


def audit_fields(of: Draft) -> dict[str, Any]:
    """Return what the log keeps of an article that came or went: all but its text."""
    known = of.model_dump(mode="json", include=set(_TOLD), exclude_none=True)
    return known | {"headline": of.headline} if isinstance(of, Article) else known


def difference(before: Draft, after: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that differ, as they were and as they became, the text among them."""
    compared = {*_TOLD, "text", "only_summary"}
    was, now = (each.model_dump(mode="json", include=compared) for each in (before, after))
    changed = [name for name in was if was[name] != now[name]]
    return {name: was[name] for name in changed}, {name: now[name] for name in changed}


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
