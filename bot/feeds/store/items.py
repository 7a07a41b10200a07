"""What was in the feeds: each item is written down with the reading that found it, and then done.

A reading and what it found are one transaction, so that no item is lost because the next reading
is told that nothing has changed. When a feed is asked is written before it is asked: a crash in
between costs a reading, and never asks a site sooner than it may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, cast, delete, func, insert, select, update

from bot.feeds.entry_diff import FIRST, EntryKeys, FeedDiff, KnownItem, NewItem, iso
from bot.feeds.poll_schedule import MAX_POLL_DURATION, REMEMBERED, SOONEST
from bot.feeds.store.schema import feed_items, feeds, held
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.ingest.feeds.models import Feed, FeedEntry
from index.ingest.http.fetcher import CacheValidators
from index.ingest.rejections import SourceRejected
from index.storage.row_mapping import utc
from index.urls import canonical, host_of

REMEMBERED_ABSENT = timedelta(days=60)
"""An item that has not been in its feed for so long is forgotten."""
_NOTED_AGAIN = timedelta(days=7)
"""That an item is still there is noted no more often than this."""
MAX_REVISITS = 3
"""A feed that says another thing at every reading («3 comments») is believed so often."""


_ITEMS_AT_ONCE = 50


class ItemState(StrEnum):
    """What became of an item."""

    KNOWN = "known"
    """It was there before the feed was followed, and is not brought."""
    WAITING = "waiting"
    """It is to be read."""
    DONE = "done"
    """It is in the archive."""
    CARRIED = "carried"
    """The archive had it from elsewhere."""
    HELD = "held"
    """It waits for an editor."""
    REFUSED = "refused"
    """An editor, or the feed's words, refused it."""
    FAILED = "failed"
    """There was nothing to be read."""


_SETTLED = frozenset((ItemState.DONE, ItemState.CARRIED, ItemState.REFUSED))


class DueFeed(NamedTuple):
    """A feed that is to be asked now, with what is known of the last reading."""

    number: int
    address: str
    host: str
    kind: str
    known: CacheValidators
    digest: str | None
    minutes: int | None
    failures: int


class DueItem(NamedTuple):
    """An item that is to be brought."""

    number: int
    feed: int
    host: str | None
    """The site that is to be asked for it, if any."""
    entry: FeedEntry
    quiet: bool
    tries: int
    article_id: str | None
    own: bool


class DueWork(NamedTuple):
    """What is to be done now, at most one thing for each site, and when to look again."""

    feeds: tuple[DueFeed, ...]
    items: tuple[DueItem, ...]
    next_at: datetime | None
    """The earliest at which something else is to be done."""


class ItemResult(NamedTuple):
    """What became of an item that was brought."""

    state: ItemState
    article_id: str | None = None
    own: bool = False
    why: str | None = None
    again_at: datetime | None = None
    """When to try again; the item waits until then."""


class FeedItemStore:
    """The readings of feeds, and the items in them."""

    def __init__(self, writing: DatabaseWriter, clock: Clock) -> None:
        self._write = writing
        self._clock = clock

    async def due(self) -> DueWork:
        """Return what is to be done: each site's feed that has waited longest, and first item."""
        return await self._write(lambda connection: _due(connection, self._clock()))

    async def begin(self, feed: int) -> None:
        """Note that a feed is asked now: it is not asked again soon, whatever happens."""
        now = self._clock()
        row = {"asked_at": utc(now), "next_at": utc(now + SOONEST + MAX_POLL_DURATION)}
        this = update(feeds).where(feeds.c.number == feed).values(row)
        await self._write(lambda connection: connection.execute(this))

    async def changes(self, feed: int) -> tuple[datetime, list[datetime]]:
        """Return when a feed was added, and when it was seen to have something new."""
        now = self._clock()
        since = utc(now - REMEMBERED)

        def act(connection: Connection) -> tuple[datetime, list[datetime]]:
            added = connection.scalar(select(feeds.c.added_at).where(feeds.c.number == feed))
            seen = select(feed_items.c.first_seen).distinct()
            mine = feed_items.c.feed == feed, feed_items.c.first_seen >= since, ~feed_items.c.quiet
            not_known = feed_items.c.state != ItemState.KNOWN
            rows = connection.scalars(seen.where(*mine, not_known))
            return datetime.fromisoformat(added or utc(now)), [*map(datetime.fromisoformat, rows)]

        return await self._write(act)

    async def ask_again(self, feed: int, at: datetime) -> None:
        """Note when a feed is to be asked again."""
        this = update(feeds).where(feeds.c.number == feed).values(next_at=utc(at))
        await self._write(lambda connection: connection.execute(this))

    async def unchanged(self, feed: int, known: CacheValidators) -> None:
        """Note that a feed is as it was."""
        await self._write(lambda connection: self._well(connection, feed, known))

    async def before(self, feed: int) -> list[KnownItem]:
        """Return what was in a feed before, and is remembered."""
        return await self._write(lambda connection: _before(connection, feed))

    async def read(
        self, feed: int, found: Feed, told: FeedDiff, digest: str, known: CacheValidators
    ) -> None:
        """Note what is in a feed, and what of it is to be brought."""
        now = self._clock()

        def act(connection: Connection) -> None:
            begun = connection.scalar(select(feeds.c.begun).where(feeds.c.number == feed))
            if begun is None:
                return  # it was removed meanwhile
            _note_new(connection, feed, told.new, now, first=not begun)
            _note_corrected(connection, told.corrected, now)
            _note_there(connection, feed, told.there, now)
            row: dict[str, Any] = {"digest": digest, "minutes": found.minutes, "begun": True}
            row |= {"kind": found.kind.value}
            about = {"title": found.title, "page": found.page, "language_said": found.language}
            row |= {name: value for name, value in about.items() if value}
            self._well(connection, feed, known, **row)

        await self._write(act)

    async def failed(
        self, feed: int, error: SourceRejected, next_at: datetime, *, gone: bool = False
    ) -> None:
        """Note that a feed could not be read, or is gone for good."""
        row = {
            "next_at": utc(next_at),
            "failed_at": utc(self._clock()),
            "failures": feeds.c.failures + 1,
            "failing_since": func.coalesce(feeds.c.failing_since, utc(self._clock())),
            "error": error.refusal.value,
            "error_said": error.message,
            **({"state": "gone"} if gone else {}),
        }
        this = update(feeds).where(feeds.c.number == feed).values(row)
        await self._write(lambda connection: connection.execute(this))

    async def moved(self, feed: int, address: str, host: str) -> None:
        """Ask for a feed at its new address, unless another one is followed there."""

        def act(connection: Connection) -> None:
            others = connection.scalars(select(feeds.c.address).where(feeds.c.number != feed))
            if canonical(address) not in map(canonical, others):
                this = update(feeds).where(feeds.c.number == feed)
                connection.execute(this.values(address=address, host=host))

        await self._write(act)

    async def became(self, item: DueItem, became: ItemResult, story: str | None = None) -> None:
        """Note what became of an item; `story` is what is held for an editor, as JSON."""
        now = utc(self._clock())

        def act(connection: Connection) -> None:
            row: dict[str, Any] = {"state": became.state, "why": became.why}
            if became.state is ItemState.FAILED and _is_held(connection, item.number):
                row["state"] = ItemState.HELD  # what was read before it was corrected
            if became.state is ItemState.WAITING:
                assert became.again_at is not None, "what waits is tried again"
                row |= {"next_at": utc(became.again_at), "tries": item.tries + 1}
            else:
                row |= {"next_at": None, "tries": 0, "entry": None}
            if became.article_id:
                row |= {"article_id": became.article_id, "own": became.own}
            this = update(feed_items).where(feed_items.c.number == item.number)
            there = connection.execute(this.values(row)).rowcount
            if story is not None and there:
                _hold(connection, item.number, story, now)
            elif row["state"] in _SETTLED:
                _settle(connection, item.number)

        await self._write(act)

    async def in_vain(self, item: DueItem) -> None:
        """Note that what looked like a correction was none."""
        this = update(feed_items).where(feed_items.c.number == item.number)
        row = {"revisits": feed_items.c.revisits + 1}
        await self._write(lambda connection: connection.execute(this.values(row)))

    async def forget(self) -> None:
        """Forget the items that have long not been in their feeds; what is held stays."""
        old = delete(feed_items).where(
            feed_items.c.last_seen < utc(self._clock() - REMEMBERED_ABSENT),
            feed_items.c.state.not_in((ItemState.WAITING, ItemState.HELD)),
        )
        await self._write(lambda connection: connection.execute(old))

    def _well(self, connection: Connection, feed: int, known: CacheValidators, **row: Any) -> None:
        row |= {"succeeded_at": utc(self._clock())}
        row |= {"etag": known.etag, "modified": known.modified, "failures": 0, "told_at": None}
        row |= {"failing_since": None}
        connection.execute(update(feeds).where(feeds.c.number == feed).values(row))


def _settle(connection: Connection, item: int) -> None:
    """Let an earlier version wait no longer: what is said now is decided without an editor."""
    earlier = update(held).where(held.c.item == item, held.c.state == "open")
    connection.execute(earlier.values(state="settled"))


def _is_held(connection: Connection, item: int) -> bool:
    there = select(held.c.number).where(held.c.item == item, held.c.state == "open")
    return connection.execute(there).first() is not None


def _hold(connection: Connection, item: int, story: str, at: str) -> None:
    """Make a story wait for an editor, in the place of what its publisher said before."""
    earlier = held.c.item == item, held.c.state == "open"
    if connection.scalar(select(held.c.brought).where(*earlier)) == story:
        return
    connection.execute(update(held).where(*earlier).values(state="renewed"))
    made = {"item": item, "brought": story, "state": "open", "made_at": at}
    connection.execute(insert(held).values(made))


def _due(connection: Connection, now: datetime) -> DueWork:
    at, active = utc(now), feeds.c.state == "active"
    waits = feed_items.c.state == ItemState.WAITING
    row = (feeds.c.next_at <= at, active)
    asked = connection.execute(select(feeds).where(*row).order_by(feeds.c.next_at)).all()
    first_of_site: dict[str, DueFeed] = {}
    for each in asked:
        feed = DueFeed(
            each.number,
            each.address,
            each.host,
            each.kind,
            CacheValidators(each.etag, each.modified),
            each.digest,
            each.minutes,
            each.failures,
        )
        first_of_site.setdefault(feed.host, feed)
    first = (
        select(func.min(feed_items.c.number))
        .join_from(feed_items, feeds)
        .where(waits, active, feed_items.c.next_at <= at)
        .group_by(func.coalesce(feed_items.c.host, cast(feed_items.c.number, String)))
        .limit(_ITEMS_AT_ONCE)
    )
    items = connection.execute(select(feed_items).where(feed_items.c.number.in_(first)))
    nexts = (
        select(func.min(feeds.c.next_at)).where(active, feeds.c.next_at > at),
        select(func.min(feed_items.c.next_at))
        .join_from(feed_items, feeds)
        .where(waits, active, feed_items.c.next_at > at),
    )
    later = [each for each in map(connection.scalar, nexts) if each]
    return DueWork(
        tuple(first_of_site.values()),
        tuple(_item(each) for each in items),
        datetime.fromisoformat(min(later)) if later else None,
    )


def _item(row: Any) -> DueItem:
    entry = FeedEntry.model_validate_json(row.entry)
    known = row.quiet, row.tries, row.article_id, row.own
    return DueItem(row.number, row.feed, row.host, entry, *known)


def _before(connection: Connection, feed: int) -> list[KnownItem]:
    items = feed_items.c
    query = select(
        items.number, items.by_id, items.by_url, items.by_words, items.published, items.said
    )
    return [
        KnownItem(
            row.number, EntryKeys(row.by_id, row.by_url, row.by_words), row.published, row.said
        )
        for row in connection.execute(query.where(items.feed == feed).order_by(items.number))
    ]


def _note_new(
    connection: Connection, feed: int, new: Sequence[NewItem], now: datetime, *, first: bool
) -> None:
    """Write new items down, the oldest first; of a new feed only the newest are brought."""
    brought = {id(each) for each in (new[:FIRST] if first else new)}
    rows = []
    for each in reversed(new):
        wanted = id(each) in brought
        row = {"feed": feed, "quiet": first, "first_seen": utc(now), "last_seen": utc(now)}
        row |= {"state": ItemState.WAITING if wanted else ItemState.KNOWN, **_entry_row(each)}
        row |= {"next_at": utc(now) if wanted else None}
        rows.append(row if wanted else {**row, "entry": None})
    if rows:
        connection.execute(insert(feed_items), rows)


def _note_corrected(
    connection: Connection, corrected: Sequence[tuple[int, NewItem]], now: datetime
) -> None:
    """Bring again what its publisher has corrected, unless that was said too often in vain."""
    items = feed_items.c
    worth = (ItemState.DONE, ItemState.HELD, ItemState.WAITING, ItemState.FAILED)
    for number, each in corrected:
        row = _entry_row(each)
        again = {**row, "state": ItemState.WAITING, "next_at": utc(now), "tries": 0}
        this = update(feed_items).where(items.number == number)
        kept = this.where(
            items.state.in_(worth),
            items.revisits < MAX_REVISITS,
            (items.state != ItemState.DONE) | items.own,
        )
        if not connection.execute(kept.values(again)).rowcount:
            connection.execute(this.values({**row, "entry": None}))


def _note_there(connection: Connection, feed: int, there: frozenset[int], now: datetime) -> None:
    items = feed_items.c
    old = select(items.number).where(items.feed == feed, items.last_seen < utc(now - _NOTED_AGAIN))
    stale = there & set(connection.scalars(old))
    this = update(feed_items).where(items.number.in_(stale))
    connection.execute(this.values(last_seen=utc(now)))


def _entry_row(of: NewItem) -> Mapping[str, Any]:
    entry = of.entry
    page = entry.url if entry.url and not entry.content else None
    return {
        **of.keys._asdict(),
        "published": iso(entry),
        "said": of.said,
        "entry": entry.model_dump_json(exclude_defaults=True),
        "host": host_of(page) if page else None,
    }
