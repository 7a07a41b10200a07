"""Store the followed feeds, each with its options, its state and its health."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, delete, func, insert, select, update

from bot.feeds.poll_schedule import MIN_POLL_INTERVAL
from bot.feeds.store.schema import feed_items, feeds, pending_articles
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.storage import audit_log
from index.storage.row_mapping import format_utc, parse_instant
from index.urls import canonicalise_url

DAY, WEEK = timedelta(days=1), timedelta(days=7)
"""The rate of articles per day is taken over the last week."""


class FeedState(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"
    """The site answered that the feed is permanently gone (410)."""


class FeedOptions(NamedTuple):
    """Options that editors set for a feed."""

    source: str | None = None
    """Source name of its articles; the feed's title if None."""
    language: str | None = None
    """Language of the articles that do not declare one."""
    hold: bool = False
    """Each article waits for an editor's approval."""
    require: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()


DEFAULT_OPTIONS = FeedOptions()


class DiscoveredFeed(NamedTuple):
    """A feed as discovery found it: address, kind, and the feed's own metadata."""

    address: str
    host: str
    kind: FeedKind
    title: str | None = None
    page: str | None = None
    language: str | None = None


class FeedRequest(NamedTuple):
    """A request to follow a feed."""

    discovered: DiscoveredFeed
    options: FeedOptions
    paused: bool = False


class FeedHealth(NamedTuple):
    """Results of the polls of a feed."""

    succeeded_at: datetime | None
    failed_at: datetime | None
    failures: int
    """Number of consecutive failures; 0 after a success."""
    error: RejectReason | None
    error_message: str | None
    articles_per_day: float | None
    """New articles per day over the last week; None in the first day."""
    waiting: int
    """Number of items that are still to be processed."""
    pending: int
    """Number of articles that wait for approval."""
    failing_since: datetime | None = None
    """Time of the first of the consecutive failures; None after a success."""
    site_limit_at: datetime | None = None
    """When it last led to more new sites in a day than are asked (`MAX_NEW_SITES`)."""
    queued: int = 0
    """Number of items that later polls release."""


class FollowedFeed(NamedTuple):
    """A feed that is followed."""

    number: int
    discovered: DiscoveredFeed
    options: FeedOptions
    state: FeedState
    added_at: datetime
    added_by: str
    next_at: datetime
    notified_at: datetime | None
    health: FeedHealth
    site_limit_notified_at: datetime | None = None
    queue_notified_at: datetime | None = None

    @property
    def source(self) -> str | None:
        """The source name of its articles."""
        return self.options.source or self.discovered.title

    @property
    def audit_actor(self) -> str:
        """The actor in the audit log for its changes."""
        return audit_actor(self.number)


def audit_actor(feed_number: int) -> str:
    """Return the actor in the audit log for the changes of a feed."""
    return f"feed {feed_number}"


class DuplicateFeed(InvalidInputError):
    """A feed with this address is followed already, as `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"this feed is followed already, as number {number}",
            f"`briefing feeds show {number}` shows it",
        )
        self.number = number


class FeedStore:
    """Stores the feeds of an archive."""

    def __init__(self, writer: DatabaseWriter, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._clock = clock

    async def add(self, discovered: DiscoveredFeed, options: FeedOptions, actor: str) -> int:
        """Follow a feed and return its number. Raises `DuplicateFeed`."""
        (added,) = await self.add_all([FeedRequest(discovered, options)], actor)
        if isinstance(added, DuplicateFeed):
            raise added
        return added

    async def add_all(
        self, requests: Sequence[FeedRequest], actor: str
    ) -> list[int | DuplicateFeed]:
        """Follow feeds in one transaction; return the number or `DuplicateFeed` of each."""
        added_at = format_utc(self._clock())

        def act(connection: Connection) -> list[int | DuplicateFeed]:
            rows = connection.execute(select(feeds.c.number, feeds.c.address))
            numbers_by_address = {canonicalise_url(row.address): row.number for row in rows}
            added: list[int | DuplicateFeed] = []
            for request in requests:
                address = canonicalise_url(request.discovered.address)
                if address in numbers_by_address:
                    added.append(DuplicateFeed(numbers_by_address[address]))
                else:
                    numbers_by_address[address] = _insert_feed(connection, request, added_at, actor)
                    added.append(numbers_by_address[address])
            return added

        return await self._write(act)

    async def list_all(self) -> list[FollowedFeed]:
        """Return all feeds, the oldest first."""
        return await self._read(lambda connection: _select_feeds(connection, self._clock()))

    async def get(self, number: int) -> FollowedFeed:
        """Return a feed. Raises `NotFoundError`."""

        def act(connection: Connection) -> FollowedFeed:
            return _select_one(connection, number, self._clock())

        return await self._read(act)

    async def update_options(
        self, number: int, actor: str, change: Callable[[FeedOptions], FeedOptions]
    ) -> FollowedFeed:
        """Replace the options of a feed by `change` of its current options, in one transaction.

        Raises `NotFoundError`, and any error of `change`.
        """
        changed_at = format_utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _select_one(connection, number, self._clock()).options
            new = change(old)
            if new != old:
                statement = update(feeds).where(feeds.c.number == number)
                connection.execute(statement.values(_options_row(new)))
                old_fields, new_fields = _audit_fields(old), _audit_fields(new)
                changed_names = [
                    name for name in new_fields if new_fields[name] != old_fields[name]
                ]
                before = {name: old_fields[name] for name in changed_names}
                after = {name: new_fields[name] for name in changed_names}
                _log_change(connection, changed_at, actor, number, before, after)
            return _select_one(connection, number, self._clock())

        return await self._write(act)

    async def set_state(self, number: int, state: FeedState, actor: str) -> FollowedFeed:
        """Set the state of a feed; one that becomes active is due at once.

        It is not due before the minimum interval since its last poll has passed. Raises
        `NotFoundError`.
        """
        changed_at = format_utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _select_one(connection, number, self._clock())
            if old.state is not state:
                values: dict[str, Any] = {"state": state}
                if state is FeedState.ACTIVE:
                    values |= {
                        "next_at": _earliest_next_poll(connection, number, changed_at),
                        "failures": 0,
                    }
                    values |= {"failing_since": None, "told_at": None}
                statement = update(feeds).where(feeds.c.number == number)
                connection.execute(statement.values(values))
                before, after = {"state": old.state}, {"state": state}
                _log_change(connection, changed_at, actor, number, before, after)
            return _select_one(connection, number, self._clock())

        return await self._write(act)

    async def remove(self, number: int, actor: str) -> FollowedFeed:
        """Remove a feed and return it; its articles stay. Raises `NotFoundError`."""
        removed_at = format_utc(self._clock())

        def act(connection: Connection) -> FollowedFeed:
            old = _select_one(connection, number, self._clock())
            connection.execute(delete(feeds).where(feeds.c.number == number))
            before = {"address": old.discovered.address, **_audit_fields(old.options)}
            audit_log.write(
                connection, removed_at, actor, "feed removed", _audit_subject(number), before=before
            )
            return old

        return await self._write(act)

    async def mark_notified(self, number: int) -> bool:
        """Record the notice about a dead feed; return whether it was not recorded before."""
        return await self._record_notice(number, feeds.c.told_at)

    async def mark_queue_notified(self, number: int) -> bool:
        """Record the notice about queued items; return whether it was not recorded before."""
        return await self._record_notice(number, feeds.c.queue_told_at)

    async def _record_notice(self, number: int, column: Column[str | None]) -> bool:
        statement = update(feeds).where(feeds.c.number == number, column.is_(None))
        notified_at = format_utc(self._clock())

        def act(connection: Connection) -> bool:
            return bool(connection.execute(statement.values({column: notified_at})).rowcount)

        return await self._write(act)

    async def mark_site_limit_notified(self, feed: FollowedFeed) -> bool:
        """Record the notice of too many new sites; return whether `feed` is the current state."""
        previous_at = feed.site_limit_notified_at
        statement = update(feeds).where(
            feeds.c.number == feed.number,
            feeds.c.site_limit_told_at.is_not_distinct_from(
                previous_at and format_utc(previous_at)
            ),
        )
        notified_at = format_utc(self._clock())

        def act(connection: Connection) -> bool:
            result = connection.execute(statement.values(site_limit_told_at=notified_at))
            return bool(result.rowcount)

        return await self._write(act)


def _insert_feed(connection: Connection, request: FeedRequest, added_at: str, actor: str) -> int:
    state = FeedState.PAUSED if request.paused else FeedState.ACTIVE
    row = {**_discovered_row(request.discovered), **_options_row(request.options), "state": state}
    row |= {"added_at": added_at, "added_by": actor, "next_at": added_at}
    primary_key = connection.execute(insert(feeds).values(row)).inserted_primary_key
    assert primary_key is not None, "one row was inserted"
    after = {
        "address": request.discovered.address,
        "kind": request.discovered.kind,
        **_audit_fields(request.options),
    }
    audit_log.write(
        connection, added_at, actor, "feed added", _audit_subject(primary_key[0]), after=after
    )
    return int(primary_key[0])


def _earliest_next_poll(connection: Connection, number: int, now: str) -> str:
    """Return the earliest time of the next poll, which pausing and resuming cannot shorten."""
    asked_at = connection.scalar(select(feeds.c.asked_at).where(feeds.c.number == number))
    return (
        max(now, format_utc(datetime.fromisoformat(asked_at) + MIN_POLL_INTERVAL))
        if asked_at
        else now
    )


def _log_change(
    connection: Connection,
    changed_at: str,
    actor: str,
    number: int,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Record in the audit log what was changed of a feed."""
    audit_log.write(
        connection,
        changed_at,
        actor,
        "feed changed",
        _audit_subject(number),
        before=before,
        after=after,
    )


def _audit_subject(number: int) -> str:
    return f"feed {number}"


def _select_one(connection: Connection, number: int, now: datetime) -> FollowedFeed:
    matches = _select_feeds(connection, now, number)
    if not matches:
        raise NotFoundError(
            f"no feed has the number {number}", "`briefing feeds list` shows what there is"
        )
    return matches[0]


def _select_feeds(
    connection: Connection, now: datetime, number: int | None = None
) -> list[FollowedFeed]:
    query = select(feeds).order_by(feeds.c.number)
    if number is not None:
        query = query.where(feeds.c.number == number)
    counts = _count_items(connection, now, number)
    return [_feed_from_row(row, counts, now) for row in connection.execute(query)]


class _Counts(NamedTuple):
    """Numbers of items by feed number."""

    new: dict[int, int]
    waiting: dict[int, int]
    queued: dict[int, int]
    pending: dict[int, int]


def _count_items(connection: Connection, now: datetime, number: int | None) -> _Counts:
    items = feed_items.c
    counts_query = select(items.feed, func.count()).group_by(items.feed)
    if number is not None:
        counts_query = counts_query.where(items.feed == number)
    is_new_article = items.state == "done", items.own, ~items.quiet
    week = items.first_seen >= format_utc(now - WEEK)
    queries = (
        counts_query.where(*is_new_article, week),
        counts_query.where(items.state == "waiting"),
        counts_query.where(items.state == "queued"),
        counts_query.join_from(feed_items, pending_articles).where(
            pending_articles.c.state == "open"
        ),
    )
    return _Counts(*({row[0]: row[1] for row in connection.execute(query)} for query in queries))


def _feed_from_row(row: Row[Any], counts: _Counts, now: datetime) -> FollowedFeed:
    kind = FeedKind(row.kind)
    discovered = DiscoveredFeed(row.address, row.host, kind, row.title, row.page, row.language_said)
    require, refuse = tuple(json.loads(row.require)), tuple(json.loads(row.refuse))
    added_at = datetime.fromisoformat(row.added_at)
    followed_for = min(now - added_at, WEEK)
    health = FeedHealth(
        succeeded_at=parse_instant(row.succeeded_at),
        failed_at=parse_instant(row.failed_at),
        failures=row.failures,
        error=RejectReason(row.error) if row.error else None,
        error_message=row.error_said,
        articles_per_day=counts.new.get(row.number, 0) / (followed_for / DAY)
        if followed_for >= DAY
        else None,
        waiting=counts.waiting.get(row.number, 0),
        pending=counts.pending.get(row.number, 0),
        failing_since=parse_instant(row.failing_since),
        site_limit_at=parse_instant(row.site_limit_at),
        queued=counts.queued.get(row.number, 0),
    )
    return FollowedFeed(
        number=row.number,
        discovered=discovered,
        options=FeedOptions(row.source, row.language, bool(row.hold), require, refuse),
        state=FeedState(row.state),
        added_at=added_at,
        added_by=row.added_by,
        next_at=datetime.fromisoformat(row.next_at),
        notified_at=parse_instant(row.told_at),
        health=health,
        site_limit_notified_at=parse_instant(row.site_limit_told_at),
        queue_notified_at=parse_instant(row.queue_told_at),
    )


def _discovered_row(discovered: DiscoveredFeed) -> dict[str, Any]:
    fields = discovered._asdict()
    return {**fields, "kind": discovered.kind.value, "language_said": fields.pop("language")}


def _options_row(options: FeedOptions) -> dict[str, Any]:
    keyword_lists = {"require": json.dumps(options.require), "refuse": json.dumps(options.refuse)}
    return {**options._asdict(), **keyword_lists}


def _audit_fields(options: FeedOptions) -> dict[str, Any]:
    """Return the options as the audit log stores them."""
    keyword_lists = {"require": list(options.require), "refuse": list(options.refuse)}
    return {**options._asdict(), **keyword_lists}
