"""What is sent, kept once for all who get the same."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from bot.digest.payloads import CONTENT, Content
from bot.digest.store.schema import contents


def number_of(connection: Connection, of: Content, now: str) -> int:
    """Return the number of a content, given to it now where it is new."""
    said = of.model_dump_json()
    known = connection.scalar(select(contents.c.number).where(contents.c.said == said))
    if known is not None:
        return int(known)
    made = connection.execute(insert(contents).values(said=said, made_at=now))
    assert made.inserted_primary_key is not None, "one row was inserted"
    return int(made.inserted_primary_key[0])


def content(connection: Connection, number: int) -> Content | None:
    """Return the content with that number; None where there is none, or none any more."""
    said = connection.scalar(select(contents.c.said).where(contents.c.number == number))
    return CONTENT.validate_json(said) if said else None
