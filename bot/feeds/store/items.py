"""Store the polls of feeds and the items that they found, until each is processed.

A poll and its items are stored in one transaction: otherwise an item could be lost when the next
poll is answered with "not modified". The time of a poll is stored before the request: a crash
between the two costs one poll, and never makes requests to a site too frequent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    Select,
    String,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.feeds.article_merge import needs_page
from bot.feeds.entry_diff import (
    MAX_INITIAL_ITEMS,
    MAX_NEW_ITEMS,
    MAX_QUEUED_ITEMS,
    EntryKeys,
    FeedDiff,
    KnownItem,
    NewItem,
    iso_date,
)
from bot.feeds.poll_schedule import CHANGE_HISTORY, MAX_POLL_DURATION, MIN_POLL_INTERVAL
from bot.feeds.store.schema import feed_items, feeds, pending_articles
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.ingest.feeds.models import Feed, FeedEntry
from index.ingest.http.fetcher import NO_VALIDATORS, CacheValidators
from index.ingest.rejections import SourceRejected
from index.models import to_instant
from index.storage.row_mapping import format_utc
from index.urls import canonicalise_url, parse_host

ABSENT_ITEM_RETENTION = timedelta(days=60)
"""An item is deleted when it has been absent from its feed for this time."""
_LAST_SEEN_RESOLUTION = timedelta(days=7)
"""The last sight of an item is updated no more often than this."""
MAX_REVISITS = 3
"""Maximum number of false corrections of an item («3 comments») before they are ignored."""

LISTING_DELAY = timedelta(hours=1)
"""A site may list an article so long after it is published; an older one was there already."""
_BATCH_SIZE = 50


class ItemState(StrEnum):
    """The processing state of an item."""

    PREEXISTING = "known"
    """Older than the feed's first poll; not imported."""
    QUEUED = "queued"
    """To be processed after a later poll, because its own brought too many."""
    WAITING = "waiting"
    """To be processed."""
    DONE = "done"
    """In the archive."""
    DUPLICATE = "carried"
    """The archive had a copy from another source."""
    PENDING_APPROVAL = "held"
    """Waits for an editor's approval."""
    REJECTED = "refused"
    """Rejected by an editor or by the feed's keywords."""
    FAILED = "failed"
    """No text could be read."""


_UNPROCESSED_STATES = (ItemState.QUEUED, ItemState.WAITING, ItemState.PENDING_APPROVAL)
_FINAL_STATES = frozenset((ItemState.DONE, ItemState.DUPLICATE, ItemState.REJECTED))


KEPT_ENTRY = case((feed_items.c.page_text.is_not(None), feed_items.c.entry), else_=None)
"""The entry of a processed item; it is kept to be compared with others of the same page text."""
_MAX_SAME_TEXTS = 20


class DueFeed(NamedTuple):
    """A feed that is due, with what the last poll stored."""

    number: int
    address: str
    host: str
    kind: str
    validators: CacheValidators
    digest: str | None
    ttl_minutes: int | None
    failures: int


class DueItem(NamedTuple):
    """An item that is due."""

    number: int
    feed_number: int
    host: str | None
    """The site that must be asked for it, if any."""
    entry: FeedEntry
    suppress_alerts: bool
    attempts: int
    article_id: str | None
    own: bool


class SameTextItem(NamedTuple):
    """An item whose page has the same text as that of another item."""

    number: int
    entry: FeedEntry


class DueWork(NamedTuple):
    """Work that is due, at most one feed and one item per site, and the next due time."""

    feeds: tuple[DueFeed, ...]
    items: tuple[DueItem, ...]
    next_at: datetime | None
    """The earliest time at which other work becomes due."""


class ItemResult(NamedTuple):
    """The result of processing an item."""

    state: ItemState
    article_id: str | None = None
    own: bool = False
    why: str | None = None
    retry_at: datetime | None = None
    """Time of the next attempt of an item that is still waiting."""


class FeedItemStore:
    """Stores the polls of feeds and their items."""

    def __init__(self, writer: DatabaseWriter, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._clock = clock

    async def find_due(self) -> DueWork:
        """Return the due work: of each site the longest overdue feed and the first item."""
        return await self._read(lambda connection: _select_due(connection, self._clock()))

    async def mark_poll_started(self, feed_number: int) -> None:
        """Record the start of a poll, and postpone the next one in case of a crash."""
        now = self._clock()
        row = {
            "asked_at": format_utc(now),
            "next_at": format_utc(now + MIN_POLL_INTERVAL + MAX_POLL_DURATION),
        }
        statement = update(feeds).where(feeds.c.number == feed_number).values(row)
        await self._write(lambda connection: connection.execute(statement))

    async def list_change_times(self, feed_number: int) -> tuple[datetime, list[datetime]]:
        """Return when a feed was added, and the times at which polls found new entries."""
        now = self._clock()
        since = format_utc(now - CHANGE_HISTORY)

        def act(connection: Connection) -> tuple[datetime, list[datetime]]:
            added_at = connection.scalar(
                select(feeds.c.added_at).where(feeds.c.number == feed_number)
            )
            query = select(feed_items.c.first_seen).distinct()
            conditions = (
                feed_items.c.feed == feed_number,
                feed_items.c.first_seen >= since,
                ~feed_items.c.quiet,
            )
            was_imported = feed_items.c.state != ItemState.PREEXISTING
            rows = connection.scalars(query.where(*conditions, was_imported))
            return datetime.fromisoformat(added_at or format_utc(now)), [
                *map(datetime.fromisoformat, rows)
            ]

        return await self._read(act)

    async def schedule_next_poll(self, feed_number: int, next_at: datetime) -> None:
        """Store the time of the next poll."""
        statement = (
            update(feeds).where(feeds.c.number == feed_number).values(next_at=format_utc(next_at))
        )
        await self._write(lambda connection: connection.execute(statement))

    async def mark_unchanged(self, feed_number: int, validators: CacheValidators) -> None:
        """Record a successful poll without changes."""

        def act(connection: Connection) -> None:
            _release_queued(connection, feed_number, MAX_NEW_ITEMS, self._clock())
            self._mark_succeeded(connection, feed_number, validators)

        await self._write(act)

    async def has_queued(self, feed_number: int) -> bool:
        """Return whether items of a feed are queued."""
        query = select(_queued_items(feed_number).exists())
        return bool(await self._read(lambda connection: connection.scalar(query)))

    async def list_known(self, feed_number: int) -> list[KnownItem]:
        """Return the known items of a feed."""
        return await self._read(lambda connection: _select_known(connection, feed_number))

    async def record_entries(
        self,
        feed_number: int,
        parsed_feed: Feed,
        diff: FeedDiff,
        digest: str,
        validators: CacheValidators,
    ) -> None:
        """Record a successful poll with its new, corrected and present items.

        Items beyond the bounds are queued. If there is no room for all of them, the poll is stored
        without its validators, so that the next one reads the rest.
        """
        now = self._clock()

        def act(connection: Connection) -> None:
            feed_row = connection.execute(
                select(feeds.c.begun, feeds.c.added_at, feeds.c.address).where(
                    feeds.c.number == feed_number
                )
            ).one_or_none()
            if feed_row is None:
                return  # the feed was removed in the meantime
            feed = _PolledFeed(
                feed_number,
                feed_row.address,
                datetime.fromisoformat(feed_row.added_at) - LISTING_DELAY,
                first=not feed_row.begun,
            )
            room = _count_room(connection, feed_number)
            new = diff.new if feed.first else diff.new[:room]
            waiting_count = _insert_new(connection, feed, new, now)
            waiting_count += _update_corrected(
                connection, feed, diff.corrected, now, MAX_NEW_ITEMS - waiting_count
            )
            _release_queued(connection, feed_number, MAX_NEW_ITEMS - waiting_count, now)
            _update_last_seen(connection, feed_number, diff.present_numbers, now)
            is_complete = len(new) == len(diff.new)
            row: dict[str, Any] = {"minutes": parsed_feed.minutes, "begun": True}
            row |= {"digest": digest if is_complete else None}
            row |= {"kind": parsed_feed.kind.value}
            feed_metadata = {
                "title": parsed_feed.title,
                "page": parsed_feed.page,
                "language_said": parsed_feed.language,
            }
            row |= {name: value for name, value in feed_metadata.items() if value}
            self._mark_succeeded(
                connection, feed_number, validators if is_complete else NO_VALIDATORS, **row
            )

        await self._write(act)

    async def mark_failed(
        self, feed_number: int, error: SourceRejected, next_at: datetime, *, gone: bool = False
    ) -> None:
        """Record a failed poll; `gone` means that the feed is permanently gone."""
        row = {
            "next_at": format_utc(next_at),
            "failed_at": format_utc(self._clock()),
            "failures": feeds.c.failures + 1,
            "failing_since": func.coalesce(feeds.c.failing_since, format_utc(self._clock())),
            "error": error.reason.value,
            "error_said": error.message,
            **({"state": "gone"} if gone else {}),
        }
        statement = update(feeds).where(feeds.c.number == feed_number).values(row)
        await self._write(lambda connection: connection.execute(statement))

    async def update_address(self, feed_number: int, address: str, host: str) -> None:
        """Change the address of a feed, unless another feed has the new one."""

        def act(connection: Connection) -> None:
            other_addresses = connection.scalars(
                select(feeds.c.address).where(feeds.c.number != feed_number)
            )
            if canonicalise_url(address) not in map(canonicalise_url, other_addresses):
                statement = update(feeds).where(feeds.c.number == feed_number)
                connection.execute(statement.values(address=address, host=host))

        await self._write(act)

    async def record_page_text(
        self, item: DueItem, entry: FeedEntry, digest: int
    ) -> list[SameTextItem]:
        """Record the text of an item's page by its digest, with the entry as completed by the page.

        Return other items of the feed whose pages have the same text.
        """
        items = feed_items.c
        row = {"page_text": digest, "entry": entry.model_dump_json(exclude_defaults=True)}
        statement = update(feed_items).where(items.number == item.number).values(row)
        query = (
            select(items.number, items.entry)
            .where(
                items.page_text == digest,
                items.number != item.number,
                items.feed == item.feed_number,
                items.entry.is_not(None),
            )
            .order_by(items.why.is_not(None), items.number.desc())
            .limit(_MAX_SAME_TEXTS)
        )

        def act(connection: Connection) -> list[SameTextItem]:
            connection.execute(statement)
            return [
                SameTextItem(found.number, FeedEntry.model_validate_json(found.entry))
                for found in connection.execute(query)
            ]

        return await self._write(act)

    async def requeue(self, numbers: Collection[int]) -> None:
        """Make processed items due again whose pages were taken for their articles."""
        items = feed_items.c
        statement = update(feed_items).where(
            items.number.in_(numbers),
            items.why.is_(None),
            (items.state == ItemState.PENDING_APPROVAL)
            | ((items.state == ItemState.DONE) & items.own),
        )
        row = {"state": ItemState.WAITING, "next_at": format_utc(self._clock()), "tries": 0}
        await self._write(lambda connection: connection.execute(statement.values(row)))

    async def record_result(
        self, item: DueItem, result: ItemResult, extracted_json: str | None = None
    ) -> None:
        """Record the result of an item.

        `extracted_json` is the article that waits for approval, as JSON.
        """
        now = format_utc(self._clock())

        def act(connection: Connection) -> None:
            row: dict[str, Any] = {"state": result.state, "why": result.why}
            if result.state is ItemState.FAILED and _has_pending(connection, item.number):
                row["state"] = ItemState.PENDING_APPROVAL  # the version before the correction
            if result.state is ItemState.WAITING:
                assert result.retry_at is not None, "a waiting item has a time to retry"
                row |= {"next_at": format_utc(result.retry_at), "tries": item.attempts + 1}
            else:
                row |= {"next_at": None, "tries": 0, "entry": KEPT_ENTRY}
            if result.article_id:
                row |= {"article_id": result.article_id, "own": result.own}
            statement = update(feed_items).where(feed_items.c.number == item.number)
            updated_count = connection.execute(statement.values(row)).rowcount
            if extracted_json is not None and updated_count:
                _add_pending(connection, item.number, extracted_json, now)
            elif row["state"] in _FINAL_STATES:
                _withdraw_pending(connection, item.number)

        await self._write(act)

    async def record_false_correction(self, item: DueItem) -> None:
        """Count a change of an item that corrected nothing."""
        statement = update(feed_items).where(feed_items.c.number == item.number)
        row = {"revisits": feed_items.c.revisits + 1}
        await self._write(lambda connection: connection.execute(statement.values(row)))

    async def forget(self) -> None:
        """Delete items that left their feeds long ago, except those still to be processed."""
        statement = delete(feed_items).where(
            feed_items.c.last_seen < format_utc(self._clock() - ABSENT_ITEM_RETENTION),
            feed_items.c.state.not_in(_UNPROCESSED_STATES),
        )
        await self._write(lambda connection: connection.execute(statement))

    def _mark_succeeded(
        self, connection: Connection, feed_number: int, validators: CacheValidators, **row: Any
    ) -> None:
        row |= {"succeeded_at": format_utc(self._clock())}
        row |= {
            "etag": validators.etag,
            "modified": validators.last_modified,
            "failures": 0,
            "told_at": None,
        }
        row |= {"failing_since": None}
        connection.execute(update(feeds).where(feeds.c.number == feed_number).values(row))


def _withdraw_pending(connection: Connection, item_number: int) -> None:
    """Close the open version of an item: the current one was decided without an editor."""
    statement = update(pending_articles).where(
        pending_articles.c.item == item_number, pending_articles.c.state == "open"
    )
    connection.execute(statement.values(state="settled"))


def _has_pending(connection: Connection, item_number: int) -> bool:
    query = select(pending_articles.c.number).where(
        pending_articles.c.item == item_number, pending_articles.c.state == "open"
    )
    return connection.execute(query).first() is not None


def _add_pending(
    connection: Connection, item_number: int, extracted_json: str, made_at: str
) -> None:
    """Queue a story for approval, in place of an open version of the same item."""
    open_versions = pending_articles.c.item == item_number, pending_articles.c.state == "open"
    if (
        connection.scalar(select(pending_articles.c.brought).where(*open_versions))
        == extracted_json
    ):
        return
    connection.execute(update(pending_articles).where(*open_versions).values(state="renewed"))
    row = {"item": item_number, "brought": extracted_json, "state": "open", "made_at": made_at}
    connection.execute(insert(pending_articles).values(row))


def _select_due(connection: Connection, now: datetime) -> DueWork:
    now_utc, active = format_utc(now), feeds.c.state == "active"
    is_waiting = feed_items.c.state == ItemState.WAITING
    conditions = (feeds.c.next_at <= now_utc, active)
    feed_rows = connection.execute(select(feeds).where(*conditions).order_by(feeds.c.next_at)).all()
    first_of_site: dict[str, DueFeed] = {}
    for feed_row in feed_rows:
        feed = DueFeed(
            feed_row.number,
            feed_row.address,
            feed_row.host,
            feed_row.kind,
            CacheValidators(feed_row.etag, feed_row.modified),
            feed_row.digest,
            feed_row.minutes,
            feed_row.failures,
        )
        first_of_site.setdefault(feed.host, feed)
    first_items = (
        select(func.min(feed_items.c.number))
        .join_from(feed_items, feeds)
        .where(is_waiting, active, feed_items.c.next_at <= now_utc)
        .group_by(func.coalesce(feed_items.c.host, cast(feed_items.c.number, String)))
        .limit(_BATCH_SIZE)
    )
    items = connection.execute(select(feed_items).where(feed_items.c.number.in_(first_items)))
    next_queries = (
        select(func.min(feeds.c.next_at)).where(active, feeds.c.next_at > now_utc),
        select(func.min(feed_items.c.next_at))
        .join_from(feed_items, feeds)
        .where(is_waiting, active, feed_items.c.next_at > now_utc),
    )
    next_times = [instant for instant in map(connection.scalar, next_queries) if instant]
    return DueWork(
        tuple(first_of_site.values()),
        tuple(_due_item_from_row(item_row) for item_row in items),
        datetime.fromisoformat(min(next_times)) if next_times else None,
    )


def _due_item_from_row(row: Any) -> DueItem:
    entry = FeedEntry.model_validate_json(row.entry)
    details = row.quiet, row.tries, row.article_id, row.own
    return DueItem(row.number, row.feed, row.host, entry, *details)


def _select_known(connection: Connection, feed_number: int) -> list[KnownItem]:
    items = feed_items.c
    query = select(
        items.number, items.by_id, items.by_url, items.by_words, items.published, items.said
    )
    return [
        KnownItem(
            row.number, EntryKeys(row.by_id, row.by_url, row.by_words), row.published, row.said
        )
        for row in connection.execute(query.where(items.feed == feed_number).order_by(items.number))
    ]


class _PolledFeed(NamedTuple):
    """A feed whose entries are recorded."""

    number: int
    address: str
    old_before: datetime
    """Entries that were published before this are no news."""
    first: bool
    """No poll was recorded before."""


def _queued_items(feed_number: int) -> Select[tuple[int]]:
    return select(feed_items.c.number).where(
        feed_items.c.feed == feed_number, feed_items.c.state == ItemState.QUEUED
    )


def _count_room(connection: Connection, feed_number: int) -> int:
    """Return how many new entries of a feed may be processed or queued."""
    query = select(func.count()).select_from(_queued_items(feed_number).subquery())
    return MAX_NEW_ITEMS + max(0, MAX_QUEUED_ITEMS - (connection.scalar(query) or 0))


def _release_queued(connection: Connection, feed_number: int, limit: int, now: datetime) -> None:
    """Make the newest queued items due; editors are notified anew once none is queued."""
    newest = _queued_items(feed_number).order_by(feed_items.c.number.desc()).limit(max(0, limit))
    released = update(feed_items).where(feed_items.c.number.in_(newest))
    connection.execute(released.values(state=ItemState.WAITING, next_at=format_utc(now)))
    emptied = update(feeds).where(
        feeds.c.number == feed_number, ~_queued_items(feed_number).exists()
    )
    connection.execute(emptied.values(queue_told_at=None))


def _insert_new(
    connection: Connection, feed: _PolledFeed, new: Sequence[NewItem], now: datetime
) -> int:
    """Insert new items, the oldest first, and return the number of those that wait.

    Of a new feed only the newest are to be processed, and are no news. Of any other the newest
    wait; the others are queued and are no news, nor are those that were published before the feed
    was followed: the first poll may have been cut short.
    """
    wanted_count = MAX_INITIAL_ITEMS if feed.first else MAX_NEW_ITEMS
    wanted_ids = {id(item) for item in new[:wanted_count]}
    other_state = ItemState.PREEXISTING if feed.first else ItemState.QUEUED
    rows = []
    for item in reversed(new):
        is_wanted = id(item) in wanted_ids
        row = {
            "feed": feed.number,
            "quiet": feed.first or not is_wanted or _is_older(item.entry, feed.old_before),
            "first_seen": format_utc(now),
            "last_seen": format_utc(now),
        }
        row |= {
            "state": ItemState.WAITING if is_wanted else other_state,
            **_entry_row(item, feed.address),
        }
        row |= {"next_at": format_utc(now) if is_wanted else None}
        rows.append({**row, "entry": None} if row["state"] is ItemState.PREEXISTING else row)
    if rows:
        connection.execute(insert(feed_items), rows)
    return len(wanted_ids)


def _update_corrected(
    connection: Connection,
    feed: _PolledFeed,
    corrected: Sequence[tuple[int, NewItem]],
    now: datetime,
    limit: int,
) -> int:
    """Make corrected items due again, unless too many corrections of them were false.

    Items beyond `limit` are queued. Return the number of those that wait.
    """
    items = feed_items.c
    correctable_states = (
        ItemState.DONE,
        ItemState.PENDING_APPROVAL,
        ItemState.WAITING,
        ItemState.FAILED,
    )
    waiting_count = 0
    for number, item in corrected:
        row = _entry_row(item, feed.address)
        is_wanted = waiting_count < limit
        retry_row = {
            **row,
            "state": ItemState.WAITING if is_wanted else ItemState.QUEUED,
            "next_at": format_utc(now) if is_wanted else None,
            "tries": 0,
        }
        statement = update(feed_items).where(items.number == number)
        eligible = statement.where(
            items.state.in_(correctable_states),
            items.revisits < MAX_REVISITS,
            (items.state != ItemState.DONE) | items.own,
        )
        is_queued = statement.where(items.state == ItemState.QUEUED)
        if connection.execute(eligible.values(retry_row)).rowcount:
            waiting_count += is_wanted
        elif not connection.execute(is_queued.values(row)).rowcount:
            kept_entry = case((items.page_text.is_not(None), row["entry"]), else_=None)
            connection.execute(statement.values({**row, "entry": kept_entry}))
    return waiting_count


def _update_last_seen(
    connection: Connection, feed_number: int, present_numbers: frozenset[int], now: datetime
) -> None:
    items = feed_items.c
    query = select(items.number).where(
        items.feed == feed_number, items.last_seen < format_utc(now - _LAST_SEEN_RESOLUTION)
    )
    stale = present_numbers & set(connection.scalars(query))
    statement = update(feed_items).where(items.number.in_(stale))
    connection.execute(statement.values(last_seen=format_utc(now)))


def _is_older(entry: FeedEntry, instant: datetime) -> bool:
    """Return whether an entry was surely published before an instant."""
    if entry.published is None:
        return False
    return to_instant(entry.published, ZoneInfo("UTC"), end_of_day=True) < instant


def _entry_row(item: NewItem, feed_address: str) -> Mapping[str, Any]:
    entry = item.entry
    page_url = entry.url if needs_page(entry, feed_address) else None
    return {
        **item.keys._asdict(),
        "published": iso_date(entry),
        "said": item.content_digest,
        "entry": entry.model_dump_json(exclude_defaults=True),
        "host": parse_host(page_url) if page_url else None,
    }
