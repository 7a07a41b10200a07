"""The feeds that are followed, each with its settings, its state and its health."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.feeds.poll_schedule import SOONEST
from bot.feeds.store.schema import feed_items, feeds, held
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.storage import audit_log
from index.storage.row_mapping import moment_of, utc
from index.urls import canonical

DAY, WEEK = timedelta(days=1), timedelta(days=7)
"""A feed's articles a day are those of the last week."""


class FeedState(StrEnum):
    """Whether a feed is asked."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"
    """Its site says that it is gone for good (410)."""


class FeedOptions(NamedTuple):
    """What an editor decides of a feed."""

    source: str | None = None
    """The name that its articles carry; the feed's own title where there is none."""
    language: str | None = None
    """Of the articles that do not say it themselves."""
    hold: bool = False
    """Each article waits for an editor's approval."""
    require: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()


NOTHING_CHOSEN = FeedOptions()


class DiscoveredFeed(NamedTuple):
    """What was found at an address: a feed, by its kind, address and own words."""

    address: str
    host: str
    kind: FeedKind
    title: str | None = None
    page: str | None = None
    language: str | None = None


class FeedRequest(NamedTuple):
    """A feed that is to be followed."""

    found: DiscoveredFeed
    chosen: FeedOptions
    paused: bool = False


class FeedHealth(NamedTuple):
    """How a feed is."""

    succeeded_at: datetime | None
    failed_at: datetime | None
    failures: int
    """One after another; 0 where it is well."""
    error: RejectReason | None
    error_said: str | None
    a_day: float | None
    """Articles a day that it brought, over the last week; None before a day has passed."""
    waiting: int
    """Articles that are to be read."""
    held: int
    """Articles that wait for an editor."""
    failing_since: datetime | None = None
    """The first of the failures that follow one another; None where it is well."""


class FollowedFeed(NamedTuple):
    """A feed that is followed."""

    number: int
    found: DiscoveredFeed
    chosen: FeedOptions
    state: FeedState
    added_at: datetime
    added_by: str
    next_at: datetime
    told_at: datetime | None
    health: FeedHealth

    @property
    def source(self) -> str | None:
        """The name that its articles carry."""
        return self.chosen.source or self.found.title

    @property
    def by(self) -> str:
        """Who the log names for what it brings."""
        return f"feed {self.number}"


class DuplicateFeed(InvalidInputError):
    """There is a feed with this address."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"this feed is followed already, as number {number}",
            f"`briefing feeds show {number}` shows it",
        )
        self.number = number


class FeedStore:
    """The feeds of an archive."""

    def __init__(self, writing: DatabaseWriter, clock: Clock) -> None:
        self._write = writing
        self._clock = clock

    async def add(self, found: DiscoveredFeed, chosen: FeedOptions, by: str) -> int:
        """Follow a feed and return its number. Raises `DuplicateFeed`."""
        (added,) = await self.add_all([FeedRequest(found, chosen)], by)
        if isinstance(added, DuplicateFeed):
            raise added
        return added

    async def add_all(self, wanted: Sequence[FeedRequest], by: str) -> list[int | DuplicateFeed]:
        """Follow feeds, all of them at once; return the number of each, or which it is already."""
        at = utc(self._clock())

        def act(connection: Connection) -> list[int | DuplicateFeed]:
            rows = connection.execute(select(feeds.c.number, feeds.c.address))
            there = {canonical(row.address): row.number for row in rows}
            added: list[int | DuplicateFeed] = []
            for each in wanted:
                address = canonical(each.found.address)
                if address in there:
                    added.append(DuplicateFeed(there[address]))
                else:
                    there[address] = _add(connection, each, at, by)
                    added.append(there[address])
            return added

        return await self._write(act)

    async def all(self) -> list[FollowedFeed]:
        """Return all feeds, the first added first."""
        return await self._write(lambda connection: _read(connection, self._clock()))

    async def one(self, number: int) -> FollowedFeed:
        """Return a feed. Raises `NotFoundError`."""

        def act(connection: Connection) -> FollowedFeed:
            return _one(connection, number, self._clock())

        return await self._write(act)

    async def choose(
        self, number: int, by: str, change: Callable[[FeedOptions], FeedOptions]
    ) -> FollowedFeed:
        """Decide anew on a feed, as it is at that moment. Raises `NotFoundError`, and what that does."""
        at = utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _one(connection, number, self._clock()).chosen
            new = change(old)
            if new != old:
                this = update(feeds).where(feeds.c.number == number)
                connection.execute(this.values(_chosen_row(new)))
                was, now = _told(old), _told(new)
                differ = [name for name in now if now[name] != was[name]]
                before = {name: was[name] for name in differ}
                after = {name: now[name] for name in differ}
                about = _about(number)
                audit_log.write(
                    connection, at, by, "feed changed", about, before=before, after=after
                )
            return _one(connection, number, self._clock())

        return await self._write(act)

    async def set_state(self, number: int, state: FeedState, by: str) -> FollowedFeed:
        """Pause a feed, or go on with it: it is then asked at once. Raises `NotFoundError`."""
        at = utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _one(connection, number, self._clock())
            if old.state is not state:
                values: dict[str, Any] = {"state": state}
                if state is FeedState.ACTIVE:
                    values |= {"next_at": _at_once(connection, number, at), "failures": 0}
                    values |= {"failing_since": None, "told_at": None}
                this = update(feeds).where(feeds.c.number == number)
                connection.execute(this.values(values))
                before, after = {"state": old.state}, {"state": state}
                about = _about(number)
                audit_log.write(
                    connection, at, by, "feed changed", about, before=before, after=after
                )
            return _one(connection, number, self._clock())

        return await self._write(act)

    async def remove(self, number: int, by: str) -> FollowedFeed:
        """Follow a feed no longer; its articles stay. Raises `NotFoundError`."""
        at = utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _one(connection, number, self._clock())
            connection.execute(delete(feeds).where(feeds.c.number == number))
            before = {"address": old.found.address, **_told(old.chosen)}
            audit_log.write(connection, at, by, "feed removed", _about(number), before=before)
            return old

        return await self._write(act)

    async def told(self, number: int) -> bool:
        """Note that editors were told that a feed is dead; say whether they had not been."""
        this = update(feeds).where(feeds.c.number == number, feeds.c.told_at.is_(None))
        at = utc(self._clock())

        def act(connection: Connection) -> bool:
            return bool(connection.execute(this.values(told_at=at)).rowcount)

        return await self._write(act)


def _add(connection: Connection, wanted: FeedRequest, at: str, by: str) -> int:
    state = FeedState.PAUSED if wanted.paused else FeedState.ACTIVE
    row = {**_found_row(wanted.found), **_chosen_row(wanted.chosen), "state": state}
    row |= {"added_at": at, "added_by": by, "next_at": at}
    made = connection.execute(insert(feeds).values(row)).inserted_primary_key
    assert made is not None, "one row was inserted"
    after = {"address": wanted.found.address, "kind": wanted.found.kind, **_told(wanted.chosen)}
    audit_log.write(connection, at, by, "feed added", _about(made[0]), after=after)
    return int(made[0])


def _at_once(connection: Connection, number: int, at: str) -> str:
    """Return when a feed may be asked at the earliest, however often it is paused."""
    asked = connection.scalar(select(feeds.c.asked_at).where(feeds.c.number == number))
    return max(at, utc(datetime.fromisoformat(asked) + SOONEST)) if asked else at


def _about(number: int) -> str:
    return f"feed {number}"


def _one(connection: Connection, number: int, now: datetime) -> FollowedFeed:
    found = _read(connection, now, number)
    if not found:
        raise NotFoundError(
            f"no feed has the number {number}", "`briefing feeds list` shows what there is"
        )
    return found[0]


def _read(connection: Connection, now: datetime, number: int | None = None) -> list[FollowedFeed]:
    query = select(feeds).order_by(feeds.c.number)
    if number is not None:
        query = query.where(feeds.c.number == number)
    counts = _counts(connection, now, number)
    return [_followed(row, counts, now) for row in connection.execute(query)]


class _Counts(NamedTuple):
    """How many items there are, by feed."""

    new: dict[int, int]
    waiting: dict[int, int]
    held: dict[int, int]


def _counts(connection: Connection, now: datetime, number: int | None) -> _Counts:
    items = feed_items.c
    each = select(items.feed, func.count()).group_by(items.feed)
    if number is not None:
        each = each.where(items.feed == number)
    brought = items.state == "done", items.own, ~items.quiet
    week = items.first_seen >= utc(now - WEEK)
    queries = (
        each.where(*brought, week),
        each.where(items.state == "waiting"),
        each.join_from(feed_items, held).where(held.c.state == "open"),
    )
    return _Counts(*({row[0]: row[1] for row in connection.execute(one)} for one in queries))


def _followed(row: Row[Any], counts: _Counts, now: datetime) -> FollowedFeed:
    kind = FeedKind(row.kind)
    found = DiscoveredFeed(row.address, row.host, kind, row.title, row.page, row.language_said)
    require, refuse = tuple(json.loads(row.require)), tuple(json.loads(row.refuse))
    added = datetime.fromisoformat(row.added_at)
    followed = min(now - added, WEEK)
    health = FeedHealth(
        succeeded_at=moment_of(row.succeeded_at),
        failed_at=moment_of(row.failed_at),
        failures=row.failures,
        error=RejectReason(row.error) if row.error else None,
        error_said=row.error_said,
        a_day=counts.new.get(row.number, 0) / (followed / DAY) if followed >= DAY else None,
        waiting=counts.waiting.get(row.number, 0),
        held=counts.held.get(row.number, 0),
        failing_since=moment_of(row.failing_since),
    )
    return FollowedFeed(
        number=row.number,
        found=found,
        chosen=FeedOptions(row.source, row.language, bool(row.hold), require, refuse),
        state=FeedState(row.state),
        added_at=added,
        added_by=row.added_by,
        next_at=datetime.fromisoformat(row.next_at),
        told_at=moment_of(row.told_at),
        health=health,
    )


def _found_row(found: DiscoveredFeed) -> dict[str, Any]:
    known = found._asdict()
    return {**known, "kind": found.kind.value, "language_said": known.pop("language")}


def _chosen_row(chosen: FeedOptions) -> dict[str, Any]:
    words = {"require": json.dumps(chosen.require), "refuse": json.dumps(chosen.refuse)}
    return {**chosen._asdict(), **words}


def _told(chosen: FeedOptions) -> dict[str, Any]:
    """Return what the log has of an editor's choices."""
    lists = {"require": list(chosen.require), "refuse": list(chosen.refuse)}
    return {**chosen._asdict(), **lists}
