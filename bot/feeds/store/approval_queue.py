"""Articles from feeds that wait for an editor's approval.

Numbers only grow, and what was corrected meanwhile waits under a new one: an editor who decides on
all from one number to another decides on what was on the list, or on less.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, select, update

from bot.feeds.store.items import ItemResult, ItemState
from bot.feeds.store.schema import feed_items, feed_lists, feeds, held
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.ingest.extracted_article import ExtractedArticle


class PendingArticle(NamedTuple):
    """An article that waits, or waited, for an editor."""

    number: int
    item: int
    feed: int
    source: str | None
    brought: ExtractedArticle
    state: str
    """open; approving, from the decision until it is in the archive; approved; refused; renewed,
    where a corrected one has taken its place; settled, where that was decided without an editor."""
    quiet: bool
    made_at: datetime
    decided_by: str | None


class ApprovalQueue:
    """The articles that wait for an editor."""

    def __init__(self, writing: DatabaseWriter, clock: Clock) -> None:
        self._write = writing
        self._clock = clock

    async def count(self, feed: int | None = None) -> int:
        """Return how many wait: of one feed, or of all."""
        query = select(func.count()).select_from(held.join(feed_items)).where(*_open(feed))
        return await self._write(lambda connection: connection.scalar(query)) or 0

    async def open(
        self, *, feed: int | None = None, limit: int | None = None, offset: int = 0
    ) -> list[PendingArticle]:
        """Return those that wait, the first first: of one feed, or of all."""
        query = _query().where(*_open(feed)).order_by(held.c.number).limit(limit).offset(offset)
        rows = await self._write(lambda connection: connection.execute(query).all())
        return [_read(row) for row in rows]

    async def between(self, low: int, high: int, feed: int | None = None) -> list[PendingArticle]:
        """Return those that wait, from one number to another."""
        query = _query().where(*_open(feed), held.c.number.between(low, high))
        rows = await self._write(lambda c: c.execute(query.order_by(held.c.number)).all())
        return [_read(row) for row in rows]

    async def one(self, number: int) -> PendingArticle | None:
        """Return one that waits or waited."""
        query = _query().where(held.c.number == number)
        row = await self._write(lambda connection: connection.execute(query).one_or_none())
        return _read(row) if row else None

    async def unfinished(self) -> list[PendingArticle]:
        """Return those that were approved, and are not known to be in the archive."""
        query = _query().where(held.c.state == "approving").order_by(held.c.number)
        rows = await self._write(lambda connection: connection.execute(query).all())
        return [_read(row) for row in rows]

    async def claim(self, of: PendingArticle, by: str) -> bool:
        """Note that one is approved, before it is put into the archive.

        Say whether it was not decided before: of two who decide at once one does.
        """
        return await self._write(lambda c: _decided(c, of, "open", "approving", by))

    async def release(self, of: PendingArticle) -> None:
        """Let one wait again that could not be put into the archive."""
        await self._write(lambda c: _decided(c, of, "approving", "open", None))

    async def approved(self, of: PendingArticle, by: str, became: ItemResult) -> None:
        """Note what became of one that was approved; its correction, if one has come, still waits.

        An item that its publisher corrected meanwhile goes on waiting to be read.
        """
        there = became.state is not ItemState.REFUSED
        known = {"article_id": became.article_id if there else None, "own": became.own}
        done = {"state": became.state, "why": became.why, "next_at": None, "entry": None}
        its = update(feed_items).where(feed_items.c.number == of.item)
        read = its.where(feed_items.c.state == ItemState.HELD, ~_has_open(of.item))

        def act(connection: Connection) -> None:
            if _decided(connection, of, "approving", "approved", by):
                connection.execute(its.values(known))
                connection.execute(read.values(done))

        await self._write(act)

    async def refused(self, of: PendingArticle, by: str) -> bool:
        """Note that one is not wanted, and does not come again; say as `claim` does.

        Where it was a correction, its article stays as it was.
        """
        own = feed_items.c.own & feed_items.c.article_id.is_not(None)
        state = case((own, ItemState.DONE), else_=ItemState.REFUSED)
        item = {"state": state, "why": "editor", "next_at": None, "entry": None}
        its = update(feed_items).where(feed_items.c.number == of.item)

        def act(connection: Connection) -> bool:
            decided = _decided(connection, of, "open", "refused", by)
            if decided:
                connection.execute(its.values(item))
            return decided

        return await self._write(act)

    async def list_is_due(self, editor: int, day: str) -> bool:
        """Note that an editor is sent the day's list; say whether they had not been."""

        def act(connection: Connection) -> bool:
            there = select(feed_lists.c.day).filter_by(editor=editor, day=day)
            if connection.execute(there).first():
                return False
            connection.execute(insert(feed_lists).values(editor=editor, day=day))
            return True

        return await self._write(act)


def _decided(
    connection: Connection, of: PendingArticle, was: str, state: str, by: str | None
) -> bool:
    """Give one another state, where it has that one still; say whether it had."""
    this = update(held).where(held.c.number == of.number, held.c.state == was)
    return bool(connection.execute(this.values(state=state, decided_by=by)).rowcount)


def _has_open(item: int) -> ColumnElement[bool]:
    return select(held.c.number).where(held.c.item == item, held.c.state == "open").exists()


def _open(feed: int | None) -> list[Any]:
    return [held.c.state == "open", *([feed_items.c.feed == feed] if feed is not None else [])]


def _query() -> Any:
    source = func.coalesce(feeds.c.source, feeds.c.title).label("source")
    items = feed_items.c.feed, feed_items.c.quiet, source
    return select(held, *items).join_from(held, feed_items).join(feeds)


def _read(row: Row[Any]) -> PendingArticle:
    return PendingArticle(
        row.number,
        row.item,
        row.feed,
        row.source,
        ExtractedArticle.model_validate_json(row.brought),
        row.state,
        bool(row.quiet),
        datetime.fromisoformat(row.made_at),
        row.decided_by,
    )
