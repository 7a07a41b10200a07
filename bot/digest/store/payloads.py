"""Store contents, each once for all deliveries of it."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from bot.digest.payloads import CONTENT_ADAPTER, Content
from bot.digest.store.schema import contents


def store_content(connection: Connection, content: Content, now: str) -> int:
    """Return the number of a content; insert it if it is new."""
    payload_json = content.model_dump_json()
    existing_number = connection.scalar(
        select(contents.c.number).where(contents.c.said == payload_json)
    )
    if existing_number is not None:
        return int(existing_number)
    inserted = connection.execute(insert(contents).values(said=payload_json, made_at=now))
    assert inserted.inserted_primary_key is not None, "one row was inserted"
    return int(inserted.inserted_primary_key[0])


def read_content(connection: Connection, content_number: int) -> Content | None:
    """Return the content with that number; None if it was deleted or never existed."""
    payload_json = connection.scalar(
        select(contents.c.said).where(contents.c.number == content_number)
    )
    return CONTENT_ADAPTER.validate_json(payload_json) if payload_json else None
