"""Store what is known of each site: its robots.txt, until when to send no requests, its feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from bot.feeds.store.schema import feeds, hosts
from bot.runtime.db_writer import DatabaseWriter
from index.storage.row_mapping import format_utc, parse_instant

MAX_NEW_SITES = 20
"""Number of sites, never asked before, that one feed may lead to within `NEW_SITES_PERIOD`."""
NEW_SITES_PERIOD = timedelta(days=1)


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

    async def get(self, host: str) -> SiteState | None:
        """Return the state of a site; None if it was never asked."""
        query = select(hosts).where(hosts.c.host == host)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            return None
        return SiteState(parse_instant(row.free_at), row.robots, parse_instant(row.robots_at))

    async def add(self, host: str, feed_number: int | None, now: datetime) -> datetime | None:
        """Record a site that was never asked, before it is asked on behalf of a feed.

        If the feed has led to `MAX_NEW_SITES` within `NEW_SITES_PERIOD`, record that instead, and
        return when it may lead to another one.
        """

        def act(connection: Connection) -> datetime | None:
            if feed_number is not None:
                free_at = _next_new_site_at(connection, feed_number, now)
                if free_at:
                    statement = update(feeds).where(feeds.c.number == feed_number)
                    connection.execute(statement.values(site_limit_at=format_utc(now)))
                    return free_at
            _upsert(connection, host, feed=feed_number, first_at=format_utc(now))
            return None

        return await self._write(act)

    async def list_backed_off(self, now: datetime) -> dict[str, datetime]:
        """Return the sites that must not be asked yet, each with the end of that time."""
        query = select(hosts.c.host, hosts.c.free_at).where(hosts.c.free_at > format_utc(now))
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row.host: datetime.fromisoformat(row.free_at) for row in rows}

    async def back_off(self, host: str, until: datetime) -> None:
        """Record that the site must not be asked before `until`."""
        values = {"free_at": format_utc(until)}
        await self._write(lambda connection: _upsert(connection, host, **values))

    async def save_robots(self, host: str, robots: str | None, fetched_at: datetime) -> None:
        """Store a site's robots.txt; None if it has none."""
        values = {"robots": robots, "robots_at": format_utc(fetched_at)}
        await self._write(lambda connection: _upsert(connection, host, **values))

    async def forget(self, before: datetime) -> None:
        """Delete the sites whose state is older than `before`."""
        times = hosts.c.robots_at, hosts.c.free_at, hosts.c.first_at
        is_older = (or_(time.is_(None), time < format_utc(before)) for time in times)
        statement = delete(hosts).where(*is_older)
        await self._write(lambda connection: connection.execute(statement))


def _next_new_site_at(connection: Connection, feed_number: int, now: datetime) -> datetime | None:
    """Return when the feed may lead to another new site; None if it may now."""
    query = (
        select(hosts.c.first_at)
        .where(hosts.c.feed == feed_number, hosts.c.first_at > format_utc(now - NEW_SITES_PERIOD))
        .order_by(hosts.c.first_at.desc())
    )
    latest = connection.scalars(query.limit(MAX_NEW_SITES)).all()
    if len(latest) < MAX_NEW_SITES:
        return None
    return datetime.fromisoformat(latest[-1]) + NEW_SITES_PERIOD


def _upsert(connection: Connection, host: str, **values: Any) -> None:
    statement = update(hosts).where(hosts.c.host == host).values(values)
    if not connection.execute(statement).rowcount:
        connection.execute(insert(hosts).values(host=host, **values))
