"""Store the articles from feeds that wait for an editor's approval.

Numbers only increase, and a corrected version gets a new one: a decision on a range of numbers
affects only articles that were on the editor's list.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, select, update

from bot.feeds.store.items import KEPT_ENTRY, ItemResult, ItemState
from bot.feeds.store.schema import feed_items, feed_lists, feeds, pending_articles
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.ingest.extracted_article import ExtractedArticle
from index.urls import is_same_site


class PendingArticle(NamedTuple):
    """An article that waits, or waited, for approval."""

    number: int
    item_number: int
    feed_number: int
    source: str | None
    """Source name that its feed has now; None for a page of another site."""
    extracted: ExtractedArticle
    state: str
    """One of: open; approving, from the decision until it is in the archive; approved; refused;
    renewed, when a corrected version has replaced it; settled, when that was decided without an
    editor."""
    suppress_alerts: bool
    made_at: datetime
    decided_by: str | None


class ApprovalQueue:
    """The articles that wait for approval."""

    def __init__(self, writer: DatabaseWriter, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._clock = clock

    async def count(self, feed_number: int | None = None) -> int:
        """Return the number of waiting articles, of one feed or of all."""
        query = (
            select(func.count())
            .select_from(pending_articles.join(feed_items))
            .where(*_open_conditions(feed_number))
        )
        return await self._read(lambda connection: connection.scalar(query)) or 0

    async def list_open(
        self, *, feed_number: int | None = None, limit: int | None = None, offset: int = 0
    ) -> list[PendingArticle]:
        """Return the waiting articles of one feed or of all, the oldest first."""
        query = (
            _select_pending()
            .where(*_open_conditions(feed_number))
            .order_by(pending_articles.c.number)
            .limit(limit)
            .offset(offset)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_pending_from_row(row) for row in rows]

    async def list_between(
        self, first_number: int, last_number: int, feed_number: int | None = None
    ) -> list[PendingArticle]:
        """Return the waiting articles in an inclusive range of numbers."""
        query = _select_pending().where(
            *_open_conditions(feed_number),
            pending_articles.c.number.between(first_number, last_number),
        )
        rows = await self._read(
            lambda c: c.execute(query.order_by(pending_articles.c.number)).all()
        )
        return [_pending_from_row(row) for row in rows]

    async def find(self, number: int) -> PendingArticle | None:
        """Return an article in any state; None if there is none."""
        query = _select_pending().where(pending_articles.c.number == number)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        return _pending_from_row(row) if row else None

    async def list_unfinished(self) -> list[PendingArticle]:
        """Return the articles whose approval was not finished."""
        query = (
            _select_pending()
            .where(pending_articles.c.state == "approving")
            .order_by(pending_articles.c.number)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_pending_from_row(row) for row in rows]

    async def claim(self, article: PendingArticle, actor: str) -> bool:
        """Record the approval of an article before it is added to the archive.

        Return whether it was still open: of two concurrent decisions only one succeeds.
        """
        return await self._write(lambda c: _transition(c, article, "open", "approving", actor))

    async def release(self, article: PendingArticle) -> None:
        """Reopen a claimed article that could not be added to the archive."""
        await self._write(lambda c: _transition(c, article, "approving", "open", None))

    async def mark_approved(self, article: PendingArticle, actor: str, result: ItemResult) -> None:
        """Record the result of an approved article; a corrected version of it stays open.

        An item that its publisher corrected in the meantime stays due for processing.
        """
        in_archive = result.state is not ItemState.REJECTED
        archive_values = {
            "article_id": result.article_id if in_archive else None,
            "own": result.own,
        }
        final_values: dict[str, Any] = {
            "state": result.state,
            "next_at": None,
            "entry": KEPT_ENTRY,
        }
        final_values |= {"why": result.why} if result.why else {}
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
        """Reject an article permanently; return whether it was still open.

        If it was a correction, the article in the archive stays unchanged.
        """
        has_own_article = feed_items.c.own & feed_items.c.article_id.is_not(None)
        state = case((has_own_article, ItemState.DONE), else_=ItemState.REJECTED)
        values = {"state": state, "why": "editor", "next_at": None, "entry": KEPT_ENTRY}
        item_update = update(feed_items).where(feed_items.c.number == article.item_number)

        def act(connection: Connection) -> bool:
            decided = _transition(connection, article, "open", "refused", actor)
            if decided:
                connection.execute(item_update.values(values))
            return decided

        return await self._write(act)

    async def mark_list_sent(self, editor_id: int, day: str) -> bool:
        """Record that the day's list is sent to an editor; return whether it was not before."""

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
    """Change the state of an article if it is `from_state`; return whether it was."""
    statement = update(pending_articles).where(
        pending_articles.c.number == article.number, pending_articles.c.state == from_state
    )
    return bool(connection.execute(statement.values(state=to_state, decided_by=actor)).rowcount)


def _has_open(item_number: int) -> ColumnElement[bool]:
    return (
        select(pending_articles.c.number)
        .where(pending_articles.c.item == item_number, pending_articles.c.state == "open")
        .exists()
    )


def _open_conditions(feed_number: int | None) -> list[Any]:
    return [
        pending_articles.c.state == "open",
        *([feed_items.c.feed == feed_number] if feed_number is not None else []),
    ]


def _select_pending() -> Any:
    source = func.coalesce(feeds.c.source, feeds.c.title).label("source")
    items = feed_items.c.feed, feed_items.c.quiet, feeds.c.address, source
    return select(pending_articles, *items).join_from(pending_articles, feed_items).join(feeds)


def _pending_from_row(row: Row[Any]) -> PendingArticle:
    extracted = ExtractedArticle.model_validate_json(row.brought)
    is_foreign = extracted.url is not None and not is_same_site(extracted.url, row.address)
    return PendingArticle(
        row.number,
        row.item,
        row.feed,
        None if is_foreign else row.source,
        extracted,
        row.state,
        bool(row.quiet),
        datetime.fromisoformat(row.made_at),
        row.decided_by,
    )
