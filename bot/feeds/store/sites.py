"""Store the politeness state of each site: its robots.txt and until when to send no requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from bot.feeds.store.schema import hosts
from bot.runtime.db_writer import DatabaseWriter
from index.storage.row_mapping import format_utc, parse_instant


class SiteState(NamedTuple):
    """The stored state of a site."""

    free_at: datetime | None = None
    """The site asked for no requests before this."""
    robots: str | None = None
    """Content of its robots.txt; None if it has none."""
    robots_at: datetime | None = None


class SiteStore:
    """Stores the state of sites across restarts."""

    def __init__(self, writer: DatabaseWriter) -> None:
        self._write = writer
        self._read = writer.read

    async def get(self, host: str) -> SiteState:
        """Return the state of a site; an empty state if none is stored."""
        query = select(hosts).where(hosts.c.host == host)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            return SiteState()
        return SiteState(parse_instant(row.free_at), row.robots, parse_instant(row.robots_at))

    async def list_backed_off(self, now: datetime) -> dict[str, datetime]:
        """Return the sites that must not be asked yet, each with the end of that time."""
        query = select(hosts.c.host, hosts.c.free_at).where(hosts.c.free_at > format_utc(now))
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row.host: datetime.fromisoformat(row.free_at) for row in rows}

    async def back_off(self, host: str, until: datetime) -> None:
        """Record that the site must not be asked before `until`."""
        await self._upsert(host, free_at=format_utc(until))

    async def save_robots(self, host: str, robots: str | None, fetched_at: datetime) -> None:
        """Store a site's robots.txt; None if it has none."""
        await self._upsert(host, robots=robots, robots_at=format_utc(fetched_at))

    async def forget(self, before: datetime) -> None:
        """Delete the sites whose state is older than `before`."""
        statement = delete(hosts).where(
            or_(hosts.c.robots_at.is_(None), hosts.c.robots_at < format_utc(before)),
            or_(hosts.c.free_at.is_(None), hosts.c.free_at < format_utc(before)),
        )
        await self._write(lambda connection: connection.execute(statement))

    async def _upsert(self, host: str, **values: Any) -> None:
        statement = update(hosts).where(hosts.c.host == host).values(values)

        def act(connection: Connection) -> None:
            if not connection.execute(statement).rowcount:
                connection.execute(insert(hosts).values(host=host, **values))

        await self._write(act)
