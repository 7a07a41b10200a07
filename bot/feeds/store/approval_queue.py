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
    item_number: int
    feed_number: int
    source: str | None
    extracted: ExtractedArticle
    state: str
    """open; approving, from the decision until it is in the archive; approved; refused; renewed,
    where a corrected one has taken its place; settled, where that was decided without an editor."""
    suppress_alerts: bool
    made_at: datetime
    decided_by: str | None


class ApprovalQueue:
    """The articles that wait for an editor."""

    def __init__(self, writer: DatabaseWriter, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._clock = clock

    async def count(self, feed_number: int | None = None) -> int:
        """Return how many wait: of one feed, or of all."""
        query = (
            select(func.count())
            .select_from(held.join(feed_items))
            .where(*_open_conditions(feed_number))
        )
        return await self._read(lambda connection: connection.scalar(query)) or 0

    async def list_open(
        self, *, feed_number: int | None = None, limit: int | None = None, offset: int = 0
    ) -> list[PendingArticle]:
        """Return those that wait, the first first: of one feed, or of all."""
        query = (
            _select_pending()
            .where(*_open_conditions(feed_number))
            .order_by(held.c.number)
            .limit(limit)
            .offset(offset)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_pending_from_row(row) for row in rows]

    async def list_between(
        self, first_number: int, last_number: int, feed_number: int | None = None
    ) -> list[PendingArticle]:
        """Return those that wait, from one number to another."""
        query = _select_pending().where(
            *_open_conditions(feed_number), held.c.number.between(first_number, last_number)
        )
        rows = await self._read(lambda c: c.execute(query.order_by(held.c.number)).all())
        return [_pending_from_row(row) for row in rows]

    async def find(self, number: int) -> PendingArticle | None:
        """Return one that waits or waited."""
        query = _select_pending().where(held.c.number == number)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        return _pending_from_row(row) if row else None

    async def list_unfinished(self) -> list[PendingArticle]:
        """Return those that were approved, and are not known to be in the archive."""
        query = _select_pending().where(held.c.state == "approving").order_by(held.c.number)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_pending_from_row(row) for row in rows]

    async def claim(self, article: PendingArticle, actor: str) -> bool:
        """Note that one is approved, before it is put into the archive.

        Say whether it was not decided before: of two who decide at once one does.
        """
        return await self._write(lambda c: _transition(c, article, "open", "approving", actor))

    async def release(self, article: PendingArticle) -> None:
        """Let one wait again that could not be put into the archive."""
        await self._write(lambda c: _transition(c, article, "approving", "open", None))

    async def mark_approved(self, article: PendingArticle, actor: str, result: ItemResult) -> None:
        """Note what became of one that was approved; its correction, if one has come, still waits.

        An item that its publisher corrected meanwhile goes on waiting to be read.
        """
        in_archive = result.state is not ItemState.REJECTED
        archive_values = {
            "article_id": result.article_id if in_archive else None,
            "own": result.own,
        }
        final_values = {"state": result.state, "why": result.why, "next_at": None, "entry": None}
        item_update = update(feed_items).where(feed_items.c.number == article.item_number)
        final_update = item_update.where(
            feed_items.c.state == ItemState.PENDING_APPROVAL, ~_has_open(article.item_number)
        )

        def act(connection: Connection) -> None:
            if _transition(connection, article, "approving", "approved", actor):
                connection.execute(item_update.values(archive_values))
                connection.execute(final_update.values(final_values))

        await self._write(act)

    async def mark_rejected(self, article: PendingArticle, actor: str) -> bool:
        """Note that one is not wanted, and does not come again; say as `claim` does.

        Where it was a correction, its article stays as it was.
        """
        has_own_article = feed_items.c.own & feed_items.c.article_id.is_not(None)
        state = case((has_own_article, ItemState.DONE), else_=ItemState.REJECTED)
        values = {"state": state, "why": "editor", "next_at": None, "entry": None}
        item_update = update(feed_items).where(feed_items.c.number == article.item_number)

        def act(connection: Connection) -> bool:
            decided = _transition(connection, article, "open", "refused", actor)
            if decided:
                connection.execute(item_update.values(values))
            return decided

        return await self._write(act)

    async def mark_list_sent(self, editor_id: int, day: str) -> bool:
        """Note that an editor is sent the day's list; say whether they had not been."""

        def act(connection: Connection) -> bool:
            query = select(feed_lists.c.day).filter_by(editor=editor_id, day=day)
            if connection.execute(query).first():
                return False
            connection.execute(insert(feed_lists).values(editor=editor_id, day=day))
            return True

        return await self._write(act)


def _transition(
    connection: Connection,
    article: PendingArticle,
    from_state: str,
    to_state: str,
    actor: str | None,
) -> bool:
    """Give one another state, where it has that one still; say whether it had."""
    statement = update(held).where(held.c.number == article.number, held.c.state == from_state)
    return bool(connection.execute(statement.values(state=to_state, decided_by=actor)).rowcount)


def _has_open(item_number: int) -> ColumnElement[bool]:
    return select(held.c.number).where(held.c.item == item_number, held.c.state == "open").exists()


def _open_conditions(feed_number: int | None) -> list[Any]:
    return [
        held.c.state == "open",
        *([feed_items.c.feed == feed_number] if feed_number is not None else []),
    ]


def _select_pending() -> Any:
    source = func.coalesce(feeds.c.source, feeds.c.title).label("source")
    items = feed_items.c.feed, feed_items.c.quiet, source
    return select(held, *items).join_from(held, feed_items).join(feeds)


def _pending_from_row(row: Row[Any]) -> PendingArticle:
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
